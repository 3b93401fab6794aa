/**
 * The embedded server alone, for several nodes on one machine: `main.ts <data folder>`. Says its address in one line of JSON, and ends with its
 * input or by a signal.
 */
import { prepareEmbedded } from '../roles.ts'
import { startEmbedded } from './server.ts'

const home = process.argv[2]
if (!home) throw new Error('Which folder? Use: main.ts <data folder>')

// Three nodes and whoever looks beside them.
const server = await startEmbedded(home, { max_connections: '200' })
process.stdout.write(`${JSON.stringify({ address: await prepareEmbedded(server) })}\n`)

let isEnding = false
const end = async (): Promise<void> => {
  if (isEnding) return
  isEnding = true
  await server.stop()
  process.exit(0)
}
process.on('SIGTERM', end)
// Ctrl+C reaches everybody at once; the database is the last to go.
process.on('SIGINT', () => {})
process.stdin.on('end', end).resume()
