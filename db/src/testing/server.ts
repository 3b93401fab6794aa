/**
 * The PostgreSQL server of one test run, in a folder that goes with it. Databases are copies of a migrated template
 * (60 ms each), so that every test file has tables of its own.
 */

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../embedded/server.ts'
import { migrate } from '../migrate.ts'
import { prepareEmbedded } from '../roles.ts'

/** What a test needs to make databases of its own; plain data, because it crosses to the workers of the runner. */
export interface TestServerAddress {
  readonly superuserAddress: string
  /** Address of the template database as the login role. */
  readonly templateAddress: string
}

export interface TestServer extends TestServerAddress {
  stop(): Promise<void>
}

const templateName = 'skein_template'

/**
 * Starts a server with a migrated template.
 * @param isDurable with fsync, as in production: for benchmarks; tests are faster without
 */
export async function startTestServer({ isDurable = false } = {}): Promise<TestServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'skein-test-'))
  const settings = { max_connections: '300', ...(isDurable ? {} : { fsync: 'off', full_page_writes: 'off' }) }
  const server = await startEmbedded(folder, settings)
  const templateAddress = await prepareEmbedded(server, templateName)
  await migrate(templateAddress)
  return {
    superuserAddress: server.superuserAddress,
    templateAddress,
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Copies the template under a fresh name; returns the address as the login role, and how to drop it. */
export async function copyTemplate(server: TestServerAddress): Promise<{ address: string; drop: () => Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await asSuperuser(server, `create database ${name} template ${templateName} owner skein_owner strategy file_copy`)
  const address = new URL(server.templateAddress)
  address.pathname = `/${name}`
  return { address: address.href, drop: () => asSuperuser(server, `drop database if exists ${name} with (force)`) }
}

async function asSuperuser(server: TestServerAddress, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.superuserAddress })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
