import { CLOSE } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { FrameSocket } from './socket.ts'
import { encodeAddress, NOT_SAVED_BODY, PING_FRAME, permissionDeniedBody, SAVED_BODY } from './wire.ts'
import { readYjsRequest, YjsEar, YjsFrames } from './yjs-door.ts'

/** The frames that leave, as hexadecimal text, and what became of the socket below. */
const createFrames = () => {
  const sent: string[] = []
  const closed: [number, string][] = []
  let pings = 0
  let ms = 0
  const below: FrameSocket = {
    readyState: 1,
    bufferedAmount: 0,
    pause: () => {},
    resume: () => {},
    terminate: () => {},
    close: (code, reason) => closed.push([code, reason]),
    send: (address, body) => sent.push(Buffer.concat([address, body]).toString('hex')),
  }
  const turn = (byMs: number) => {
    ms += byMs
  }
  const frames = new YjsFrames(below, { ping: () => pings++ }, () => ms)
  return { frames, sent, closed, pings: () => pings, turn }
}

const ADDRESS = encodeAddress('some-document')

test('GT17: text and presence lose their address; acknowledgements have no frame here', () => {
  const { frames, sent } = createFrames()
  frames.send(ADDRESS, Uint8Array.of(0, 2, 1, 9))
  frames.send(ADDRESS, SAVED_BODY)
  frames.send(new Uint8Array(), Buffer.concat([ADDRESS, Uint8Array.of(1, 1, 0)]))
  frames.send(new Uint8Array(), Buffer.concat([ADDRESS, Uint8Array.of(2, 2, 0)]))
  expect(sent).toEqual(['00020109', '010100'])
})

test('GT17: what a reader writes is refused once, not for each edit', () => {
  const { frames, sent } = createFrames()
  for (let i = 0; i < 3; i++) frames.send(ADDRESS, NOT_SAVED_BODY)
  expect(sent.map((hex) => Buffer.from(hex, 'hex').subarray(3).toString())).toEqual(['read-only'])
})

test.each([
  ['unauthenticated', 4401],
  ['not-found', 4404],
  ['epoch-changed', 4409],
  ['unavailable', 1013],
] as const)('GT17: %s is said, and the code %i after it tells whether to come back', (reason, code) => {
  const { frames, sent, closed } = createFrames()
  frames.send(ADDRESS, permissionDeniedBody(reason))
  expect(
    Buffer.from(sent[0] ?? '', 'hex')
      .subarray(3)
      .toString(),
  ).toBe(reason)
  expect(closed).toEqual([[code, reason]])
})

test('GT17: what would be refused again is final, all else is not', () => {
  const { frames, closed } = createFrames()
  for (const code of [CLOSE.policy, CLOSE.tooLarge, CLOSE.goingAway, CLOSE.tryLater]) frames.close(code, '')
  expect(closed.map(([code]) => code)).toEqual([4400, 4413, 1012, 1013])
})

test('GT17: a client that says nothing is asked below, so that it is not taken for dead; a Ping becomes presence of nobody', () => {
  const { frames, sent, pings, turn } = createFrames()
  frames.send(new Uint8Array(), PING_FRAME)
  expect([sent, pings()]).toEqual([['010100'], 0])
  turn(20_001)
  frames.send(new Uint8Array(), PING_FRAME)
  frames.send(new Uint8Array(), PING_FRAME)
  expect(pings()).toBe(1)
})

test('GT17: nothing but text and presence comes in; other frames of the first door are no way around its order', () => {
  const heard: string[] = []
  const refused: string[] = []
  const ear = new YjsEar('d', (frame) => heard.push(Buffer.from(frame).toString('hex')), {
    refused: (reason) => refused.push(reason),
  })
  ear.open('t')
  expect(heard).toEqual(['0a', '016402000174'])
  for (const frame of [[2, 0, 1, 65], [7, 0], [8, 1], [9], [10], [], [0x80, 0]]) ear.hear(Uint8Array.from(frame))
  expect([heard.length, refused.length]).toEqual([2, 7])
  ear.hear(Uint8Array.of(0, 0, 1, 0))
  expect(heard.at(-1)).toBe('016400000100')
})

test('GT17: an address names one document and a token, which may be missing', () => {
  expect(readYjsRequest('/yjs/a-b?token=x%26y&z=1')).toEqual({ document: 'a-b', token: 'x&y' })
  expect(readYjsRequest('/yjs/a-b')).toEqual({ document: 'a-b', token: '' })
  for (const url of ['/yjs/', '/yjs/a/b', '/yjs/%00', '/yjs/?token=x']) expect(readYjsRequest(url)).toBeNull()
})
