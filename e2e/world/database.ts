/** The product's own database, behind its back: held up while it serves, and given a new epoch while it is down. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Product } from './product.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')

const parentOf = (id: string): string | undefined => {
  try {
    return readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]
  } catch {
    return undefined
  }
}

/** Every process of the database stands still until it may go on (Linux only). */
export function pauseDatabase({ dataDir }: Product, isPaused: boolean): void {
  const [postmaster = ''] = readFileSync(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n', 1)
  const children = readdirSync('/proc').filter((id) => /^\d+$/.test(id) && parentOf(id) === postmaster)
  for (const id of [postmaster, ...children]) process.kill(Number(id), isPaused ? 'SIGSTOP' : 'SIGCONT')
}

/** What a restore from an old backup does to one document: another history, which begins with `text`. Needs a product that is down. */
export async function beginEpoch({ dataDir }: Product, documentId: string, text: string): Promise<void> {
  const program = spawn(process.execPath, ['db/src/testing/begin-epoch.ts', dataDir, documentId, text], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = await once(program, 'exit')
  if (code !== 0) throw new Error(`begin-epoch ended with ${code}`)
}
