/**
 * The floor for opening a document: it reads stored bytes from PostgreSQL, sends them to whoever comes, and understands nothing. It asks nobody who
 * they are. `raw-bytes.ts <database>`; the bytes stand in the table `hocuspocus`, where the peer keeps its states.
 */
import { createEncoder, toUint8Array, writeUint8Array, writeVarUint8Array } from 'lib0/encoding'
import pg from 'pg'
import { WebSocketServer } from 'ws'
import { FRAME, SYNC } from '../wire.ts'

const pool = new pg.Pool({ connectionString: process.argv[2] })
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false }, () => {
  process.send?.({ port: (server.address() as { port: number }).port })
})
server.on('connection', (ws, request) => {
  ws.on('message', async () => {
    const { rows } = await pool.query('select state from hocuspocus where name = $1', [request.url?.slice(1)])
    const frame = createEncoder()
    writeUint8Array(frame, Uint8Array.of(FRAME.sync, SYNC.step2))
    writeVarUint8Array(frame, rows[0]?.state)
    ws.send(toUint8Array(frame))
  })
})
