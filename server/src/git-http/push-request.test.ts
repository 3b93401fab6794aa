import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { encodeBand, encodeLine, flush, readLength } from './pkt-line.ts'
import { readPush } from './push-request.ts'

const oid = (digit: string) => digit.repeat(40)
const zero = oid('0')

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = (parts: (string | Buffer)[], size = 1 << 20) =>
  readPush(inPieces(Buffer.concat(parts.map((part) => Buffer.from(part))), size))

const first = encodeLine(`${zero} ${oid('1')} refs/heads/main\0 report-status side-band-64k agent=git/2.40`)
const second = encodeLine(`${oid('2')} ${zero} refs/tags/v1\n`)

test.each([1, 3, 64, 100_000])(
  'RP8: commands, capabilities and the pack behind them, in pieces of %i bytes',
  async (size) => {
    const shallow = encodeLine(`shallow ${oid('3')}\n`)
    const { commands, capabilities, pack } = await read([shallow, first, second, flush, 'PACK and more'], size)
    expect(commands).toEqual([
      { ref: 'refs/heads/main', from: null, to: oid('1') },
      { ref: 'refs/tags/v1', from: oid('2'), to: null },
    ])
    expect([...capabilities]).toEqual(['report-status', 'side-band-64k', 'agent=git/2.40'])
    const target = new PassThrough()
    await pack.sendTo(target)
    expect((await target.toArray()).join('')).toBe('PACK and more')
  },
)

test('RP8: an empty push is how Git asks whether it is let in', async () => {
  expect((await read([flush])).commands).toEqual([])
})

test.each([
  ['nothing', []],
  ['half a line', ['00a0abc']],
  ['no length', ['zzzz']],
  ['a length that cannot be', ['0003']],
  ['no end of the commands', [first]],
  ['no oid', [encodeLine('x refs/heads/main'), flush]],
  ['a ref outside of refs', [encodeLine(`${zero} ${oid('1')} HEAD`), flush]],
  ['a ref with a line break', [encodeLine(`${zero} ${oid('1')} refs/heads/a\nb`), flush]],
  ['a web form', ['name=value']],
])('RP8: %s is refused', async (_, parts) => {
  await expect(read(parts as (string | Buffer)[])).rejects.toMatchObject({ code: 'invalid-request' })
})

test('RP8: more commands than anybody has refs are refused', async () => {
  const many = Buffer.concat(Array.from({ length: 20_000 }, () => second))
  await expect(read([many, flush])).rejects.toMatchObject({ code: 'body-too-large' })
})

test('RP8: what nobody reads any more is still taken from the client', async () => {
  const { pack } = await read([first, flush, Buffer.alloc(1 << 20)], 1000)
  const target = new PassThrough()
  target.destroy()
  await pack.sendTo(target)
  const again = await read([first, flush, Buffer.alloc(1 << 20)], 1000)
  await again.pack.discard()
})

test('lines and bands are cut where they are too long, and put together again they are what went in', () => {
  const payload = Buffer.from('x'.repeat(200_000))
  const lines = encodeBand(1, payload)
  let rest = lines
  const parts: Buffer[] = []
  while (rest.length > 0) {
    const length = readLength(rest.subarray(0, 4)) ?? 0
    expect(rest.readUInt8(4)).toBe(1)
    parts.push(rest.subarray(5, length))
    rest = rest.subarray(length)
  }
  expect(Buffer.concat(parts).equals(payload)).toBe(true)
  expect(() => encodeLine(payload)).toThrow()
})
