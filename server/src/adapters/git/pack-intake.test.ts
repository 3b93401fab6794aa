/** Packs that are small and ask for much, taken in by the real Git. */
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { deflateSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { createTestFolder, git, testSearchPath } from '../../testing/world.ts'
import { createUntrustedGit } from '../egress/untrusted-git.ts'
import { createPackIntake, type PackIntakeLimits } from './pack-intake.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 120_000 })

const folder = await createTestFolder()
const blobBytes = 64 * 1024 * 1024

/** One blob of zeros, and `deltas` others that are it and four bytes more: each has to be made and hashed whole. */
function makeBomb(deltas: number): Buffer {
  const zeros = Buffer.alloc(blobBytes)
  const base = createHash('sha1').update(`blob ${blobBytes}\0`).update(zeros).digest()
  const objects = [Buffer.concat([entryHead(3, blobBytes), deflateSync(zeros)])]
  for (let n = 0; n < deltas; n++) {
    const tail = Buffer.alloc(5, 4)
    tail.writeUInt32BE(n, 1)
    const copies: Buffer[] = []
    // A copy of 8 MiB from its place: which bytes of the place and of the size follow is said in the first byte.
    for (let at = 0; at < blobBytes; at += 8 * 1024 * 1024) {
      const place = Buffer.alloc(4)
      place.writeUInt32LE(at)
      copies.push(Buffer.concat([Buffer.from([0xff]), place, Buffer.from([0, 0, 0x80])]))
    }
    const delta = Buffer.concat([varint(blobBytes), varint(blobBytes + 4), ...copies, tail])
    objects.push(Buffer.concat([entryHead(7, delta.length), base, deflateSync(delta)]))
  }
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1')
  head.writeUInt32BE(objects.length, 8)
  const body = Buffer.concat([head, ...objects])
  return Buffer.concat([body, createHash('sha1').update(body).digest()])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left])
    bytes.push((left % 128) | 0x80)
  }
}

const entryHead = (kind: number, size: number): Buffer =>
  size < 16
    ? Buffer.from([(kind << 4) | size])
    : Buffer.concat([Buffer.from([0x80 | (kind << 4) | (size % 16)]), varint(Math.floor(size / 16))])

async function takeIn(name: string, pack: Buffer, limits: PackIntakeLimits, signal = new AbortController().signal) {
  const directory = path.join(folder, name)
  await mkdir(directory)
  await git(directory, 'init', '-q', '--bare', '.')
  const intake = createPackIntake(createUntrustedGit(testSearchPath), limits)
  const send = async (stdin: NodeJS.WritableStream) => void stdin.end(pack)
  return intake({ directory, send, bytesMax: 100_000_000, signal })
}

test('RP4: a small pack that asks for hours is ended, by the time of its processor and by the time it takes', async () => {
  expect(await takeIn('well', makeBomb(1), {})).toBeNull()
  const bomb = makeBomb(20_000)
  expect(bomb.length).toBeLessThan(4_000_000)
  expect(await takeIn('cpu', bomb, { cpuSecondsMax: 1 })).toBe('taking the pack apart needs too much')
  expect(await takeIn('time', bomb, { timeMaxMs: 200 })).toBe('taking the pack apart needs too much')
})

test('RP4: a client that goes ends the run, which is no answer about the pack', async () => {
  const gone = new AbortController()
  const taken = takeIn('gone', makeBomb(20_000), {}, gone.signal)
  const failed = expect(taken).rejects.toThrow('the client has gone')
  await sleep(100)
  gone.abort(new Error('the client has gone'))
  await failed
})
