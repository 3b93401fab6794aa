/** A PostgreSQL server of a test's own, which it may kill, stop, pause and start again; a program of the database's tests does it. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const BALLAST_BYTES = 64 * 1024
const ROOT = path.resolve(import.meta.dirname, '../..')

export interface Postgres {
  /** Of the database as the product's login; another one after each start. */
  readonly address: string
  /** Of the same database as the superuser. */
  readonly superuserAddress: string
  /**
   * `kill`: as by a crash of the machine; `stop`: at once, without a checkpoint; `pause`: it hangs; `replicate`: another server has every commit
   * before it counts; `lag`: nothing reaches that one any more, and no commit waits for it; `fail over`: to that one, the first is killed.
   */
  say(word: 'kill' | 'stop' | 'start' | 'pause' | 'resume' | 'replicate' | 'lag' | 'fail over'): Promise<void>
  /** Leaves no room on its disk, and gives it back; only with a disk of its own. */
  fillDisk(): Promise<void>
  clearDisk(): Promise<void>
  /** Ends it and deletes its data. */
  end(): Promise<void>
}

/** `diskMib`: it gets a disk of its own of that size, in memory, which only root may make. */
export async function bootPostgres({ diskMib = 0 } = {}): Promise<Postgres> {
  const folder = await mkdtemp(path.join(os.homedir(), '.skein-postgres-'))
  const ballast = path.join(folder, 'ballast')
  if (diskMib > 0) await run('mount', ['-t', 'tmpfs', '-o', `size=${diskMib}m`, 'tmpfs', folder])
  const program = spawn(process.execPath, ['db/src/testing/serve-postgres.ts', folder], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HOME: os.homedir() },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: program.stdout })
  const ended = once(program, 'exit')
  const answer = async () => {
    const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string | number]
    if (typeof line !== 'string') throw new Error('the database program ended')
    return JSON.parse(line) as Partial<Postgres>
  }
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
    fillDisk: async () => {
      const file = await open(ballast, 'w')
      try {
        for (;;) await file.write(Buffer.alloc(BALLAST_BYTES))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        await file.close()
      }
    },
    clearDisk: () => rm(ballast),
    end: async () => {
      program.stdin.end()
      await ended
      if (diskMib > 0) await untilUnmounted(folder)
      // The server follows its parent within a moment.
      await rm(folder, { recursive: true, force: true, maxRetries: 40, retryDelay: 250 })
    },
  }
}

/** The server follows its parent within a moment; its disk is busy until then. */
async function untilUnmounted(folder: string): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    const isUnmounted = await run('umount', [folder]).then(
      () => true,
      () => false,
    )
    if (isUnmounted) return
    await sleep(250)
  }
}
