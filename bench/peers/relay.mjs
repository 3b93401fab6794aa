/**
 * A bare relay, the floor of every comparison: what somebody sends goes to the others at the same path. It understands no document,
 * keeps nothing, and answers whoever asks for the state of one that there is none.
 */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const SYNC_STEP_1 = Buffer.from([0, 0])
const EMPTY_STEP_2 = Buffer.from([0, 1, 2, 0, 0])

const rooms = new Map()
const webSockets = new WebSocketServer({ noServer: true })
const join = (ws, path) => {
  const room = rooms.get(path) ?? new Set()
  rooms.set(path, room.add(ws))
  ws.on('message', (frame) => {
    if (frame.subarray(0, 2).equals(SYNC_STEP_1)) ws.send(EMPTY_STEP_2)
    else for (const other of room) if (other !== ws) other.send(frame)
  })
  ws.on('close', () => room.delete(ws))
}
const server = createServer()
server.on('upgrade', (request, socket, head) =>
  webSockets.handleUpgrade(request, socket, head, (ws) => join(ws, request.url)),
)
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
