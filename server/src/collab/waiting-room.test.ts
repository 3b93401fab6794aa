import { expect, test } from 'vitest'
import { SHARE_BYTES, WaitingRoom } from './waiting-room.ts'

const MIB = 1024 * 1024

test('GT10: a room is full beyond its bytes, and so are all that hold much when the one around them is', () => {
  const node = new WaitingRoom(3 * MIB)
  const rooms = [1, 2, 3, 4].map(() => new WaitingRoom(2 * MIB, node))
  const [first, second] = rooms as [WaitingRoom, WaitingRoom]
  const payload = new Uint8Array(MIB)
  first.enter(payload)
  first.enter(payload)
  expect([first.isFull, second.isFull]).toEqual([true, false])
  second.enter(payload)
  expect(rooms.map(({ isFull }) => isFull)).toEqual([true, true, false, false])
  second.leave(payload)
  expect(second.isFull).toBe(false)
})

test('GT10: who waits with little is never cut for the sake of others', () => {
  const node = new WaitingRoom(MIB)
  const [large, small] = [new WaitingRoom(8 * MIB, node), new WaitingRoom(8 * MIB, node)]
  large.enter(new Uint8Array(2 * MIB))
  small.enter(new Uint8Array(SHARE_BYTES / 2))
  expect([large.isFull, small.isFull]).toEqual([true, false])
  small.enter(new Uint8Array(SHARE_BYTES / 2))
  expect(small.isFull).toBe(true)
})

test('GT10: what waits goes along when a room moves', () => {
  const node = new WaitingRoom(8 * MIB)
  const [address, person] = [new WaitingRoom(MIB, node), new WaitingRoom(MIB, node)]
  const room = new WaitingRoom(8 * MIB, address)
  const payload = new Uint8Array(2 * MIB)
  room.enter(payload)
  expect([address, person].map(({ isFull }) => isFull)).toEqual([true, false])
  room.moveInto(person)
  expect([address, person].map(({ isFull }) => isFull)).toEqual([false, true])
  room.leave(payload)
  expect(person.isFull).toBe(false)
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
