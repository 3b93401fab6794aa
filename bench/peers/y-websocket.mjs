/**
 * The server of y-websocket: `y-websocket.mjs <options>`. It stores nothing and acknowledges nothing. Documents begin with the update in the
 * file `state`, if one is named.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { WebSocketServer } from 'ws'

// The copy of Yjs that the server itself uses.
const require = createRequire(import.meta.url)
const { applyUpdate } = require('yjs')
const { setContentInitializor, setupWSConnection } = require('y-websocket/bin/utils')

const { state } = JSON.parse(process.argv[2])
const beginning = state && readFileSync(state)
if (beginning) setContentInitializor(async (document) => applyUpdate(document, beginning))

const webSockets = new WebSocketServer({ noServer: true })
webSockets.on('connection', setupWSConnection)
const server = createServer()
server.on('upgrade', (request, socket, head) =>
  webSockets.handleUpgrade(request, socket, head, (ws) => webSockets.emit('connection', ws, request)),
)
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
