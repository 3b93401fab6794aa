/**
 * A PostgreSQL server that tests of the whole product may break, as a program: `serve-postgres.ts <folder>`. Says one line of JSON about
 * itself after each start, and obeys words on its standard input: `kill` (as by a crash of the machine), `stop` (immediately, without a
 * checkpoint), `start`, `pause` and `resume` (of every process of the server). It ends with its input.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { startEmbedded } from '../embedded/server.ts'
import { migrate } from '../migrate.ts'
import { prepareEmbedded } from '../roles.ts'

const folder = process.argv[2]
if (!folder) throw new Error('Which folder? Use: serve-postgres.ts <folder>')

const signals: Readonly<Record<string, NodeJS.Signals>> = {
  kill: 'SIGKILL',
  stop: 'SIGQUIT',
  pause: 'SIGSTOP',
  resume: 'SIGCONT',
}

const postmasterId = (): number =>
  Number(readFileSync(path.join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n', 1)[0])

/** The postmaster and its children. */
function serverIds(): number[] {
  const postmaster = postmasterId()
  const isChild = (id: string) => {
    try {
      return readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(postmaster)
    } catch {
      return false
    }
  }
  const children = readdirSync('/proc').filter((id) => /^\d+$/.test(id) && isChild(id))
  return [postmaster, ...children.map(Number)]
}

async function start(): Promise<void> {
  const server = await startEmbedded(folder as string, { max_connections: '100' })
  const address = await prepareEmbedded(server)
  await migrate(address)
  process.stdout.write(
    `${JSON.stringify({ address, superuserAddress: superuserOf(address, server.superuserAddress) })}\n`,
  )
}

const superuserOf = (address: string, superuserAddress: string): string => {
  const own = new URL(superuserAddress)
  own.pathname = new URL(address).pathname
  return own.href
}

await start()
for await (const word of createInterface({ input: process.stdin })) {
  const signal = signals[word]
  if (word === 'start') await start()
  else if (signal) {
    const ids = word === 'stop' ? [postmasterId()] : serverIds()
    for (const id of ids) process.kill(id, signal)
    process.stdout.write('{}\n')
  }
}
process.exit(0)
