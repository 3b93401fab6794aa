/**
 * What has come of a frame that is not whole yet: it stands in memory below everything that looks at frames, and whoever never sends the rest makes
 * it stand there. It is told of, so that it counts with what waits (GT10).
 */
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { SHARE_BYTES } from './waiting-room.ts'

/** Head and mask of a ping or a pong of a client. */
const CONTROL_HEAD_BYTES = 6

/** Calls `tell` with the bytes as they grow beyond a share, and with 0 when the frame is whole, before anybody hears of it. */
export const watchArriving = (ws: WebSocket, stream: Duplex, tell: (bytes: number) => void): void => {
  let bytes = 0
  // Before `ws` reads them; what follows a frame in the same read is not counted.
  stream.prependListener('data', (chunk: Uint8Array) => {
    bytes += chunk.length
    if (bytes > SHARE_BYTES) tell(bytes)
  })
  ws.on('message', () => {
    if (bytes > SHARE_BYTES) tell(0)
    bytes = 0
  })
  // They may stand between the parts of a frame.
  const forgetControl = (data: Uint8Array) => {
    bytes = Math.max(0, bytes - data.length - CONTROL_HEAD_BYTES)
  }
  ws.on('ping', forgetControl)
  ws.on('pong', forgetControl)
}
