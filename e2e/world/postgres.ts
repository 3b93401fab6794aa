/** A PostgreSQL server of a test's own, which it may kill, stop, pause and start again; a program of the database's tests does it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = path.resolve(import.meta.dirname, '../..')

export interface Postgres {
  /** Of the database as the product's login; another one after each start. */
  readonly address: string
  /** Of the same database as the superuser. */
  readonly superuserAddress: string
  /** `kill`: as by a crash of the machine; `stop`: at once, without a checkpoint; `pause`: it hangs. */
  say(word: 'kill' | 'stop' | 'start' | 'pause' | 'resume'): Promise<void>
  /** Ends it and deletes its data. */
  end(): Promise<void>
}

export async function bootPostgres(): Promise<Postgres> {
  const folder = await mkdtemp(path.join(os.homedir(), '.skein-postgres-'))
  const program = spawn(process.execPath, ['db/src/testing/serve-postgres.ts', folder], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HOME: os.homedir() },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: program.stdout })
  const answer = async () => JSON.parse(((await once(lines, 'line')) as [string])[0]) as Partial<Postgres>
  let { address = '', superuserAddress = '' } = await answer()
  return {
    get address() {
      return address
    },
    get superuserAddress() {
      return superuserAddress
    },
    say: async (word) => {
      const answered = answer()
      program.stdin.write(`${word}\n`)
      const said = await answered
      address = said.address ?? address
      superuserAddress = said.superuserAddress ?? superuserAddress
    },
    end: async () => {
      const ended = once(program, 'exit')
      program.stdin.end()
      await ended
      // The server follows its parent within a moment.
      await rm(folder, { recursive: true, force: true, maxRetries: 40, retryDelay: 250 })
    },
  }
}
