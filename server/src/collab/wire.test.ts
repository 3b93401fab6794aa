import { createEncoder, toUint8Array, writeUint8, writeVarUint8Array } from 'lib0/encoding'
import { expect, test } from 'vitest'
import { FRAME, SYNC, syncBody } from './wire.ts'

test('bodies of sync frames are those that lib0 writes, whatever the length of the payload', () => {
  for (const length of [0, 1, 127, 128, 129, 16_383, 16_384, 2_097_151, 2_097_152]) {
    const payload = new Uint8Array(length).fill(7)
    const encoder = createEncoder()
    writeUint8(encoder, FRAME.sync)
    writeUint8(encoder, SYNC.update)
    writeVarUint8Array(encoder, payload)
    expect(Buffer.compare(syncBody(SYNC.update, payload), toUint8Array(encoder)), `${length} bytes`).toBe(0)
  }
})
