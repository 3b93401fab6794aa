import { expect, test } from 'vitest'
import { WaitingRoom } from './waiting-room.ts'

const MIB = 1024 * 1024

test('GT10: a room is full beyond its bytes, and so are all rooms when the one around them is', () => {
  const node = new WaitingRoom(3 * MIB)
  const rooms = [1, 2, 3, 4].map(() => new WaitingRoom(2 * MIB, node))
  const [first, second] = rooms as [WaitingRoom, WaitingRoom]
  const payload = new Uint8Array(MIB)
  first.enter(payload)
  first.enter(payload)
  expect([first.isFull, second.isFull]).toEqual([true, false])
  second.enter(payload)
  expect(rooms.every(({ isFull }) => isFull)).toBe(true)
  second.leave(payload)
  expect(second.isFull).toBe(false)
})

test('GT10: what waits on a socket that is closed takes no room of the node any more', () => {
  const node = new WaitingRoom(MIB)
  const payload = new Uint8Array(2 * MIB)
  for (let n = 0; n < 10; n++) {
    const room = new WaitingRoom(8 * MIB, node)
    room.enter(payload)
    expect(node.isFull).toBe(true)
    room.close()
    room.leave(payload)
    expect(node.isFull).toBe(false)
  }
})

test('GT10: a small payload counts with the whole frame that it stands in', () => {
  const room = new WaitingRoom(MIB)
  room.enter(new Uint8Array(2 * MIB).subarray(0, 10))
  expect(room.isFull).toBe(true)
})
