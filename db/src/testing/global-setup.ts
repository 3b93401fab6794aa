/** Starts one PostgreSQL server for the whole run, however many projects of the runner ask for it. */

import type { TestProject } from 'vitest/node'
import { startTestServer, type TestServer } from './server.ts'
import './database.ts'

const shared = globalThis as { skeinTestServer?: Promise<TestServer>; skeinTestUsers?: number }

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.skeinTestServer ??= startTestServer()
  shared.skeinTestUsers = (shared.skeinTestUsers ?? 0) + 1
  const { superuserAddress, templateAddress, stop } = await shared.skeinTestServer
  project.provide('postgres', { superuserAddress, templateAddress })
  return async () => {
    shared.skeinTestUsers = (shared.skeinTestUsers ?? 1) - 1
    if (shared.skeinTestUsers > 0) return
    delete shared.skeinTestServer
    await stop()
  }
}
