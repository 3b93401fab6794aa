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

/** A database of its own for one test file or benchmark. */
export interface TemplateCopy {
  /** As the login role. */
  readonly address: string
  /** As the superuser, whom row-level security does not touch: to look behind the product. */
  readonly superuserAddress: string
  drop(): Promise<void>
}

/** Copies the template under a fresh name. */
export async function copyTemplate(server: TestServerAddress): Promise<TemplateCopy> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await asSuperuser(server, `create database ${name} template ${templateName} owner skein_owner strategy file_copy`)
  return {
    address: addressOf(name, server.templateAddress),
    superuserAddress: addressOf(name, server.superuserAddress),
    drop: () => asSuperuser(server, `drop database if exists ${name} with (force)`),
  }
}

function addressOf(database: string, like: string): string {
  const address = new URL(like)
  address.pathname = `/${database}`
  return address.href
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
