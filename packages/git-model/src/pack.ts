// A deterministic pack: objects sorted by oid, no deltas, one fixed zlib level. The same objects give the same bytes
// and so the same name, which is what lets a snapshot that died half-way be made again without a trace. Deltas are left
// to repacking: a snapshot's pack is small and is written while somebody waits.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { crc32, deflate, deflateSync } from 'node:zlib'
import type { GitObject, ObjectKind } from './object.ts'

/** A pack and its index, both complete with their checksums; `sha` is the trailer of the pack and its name. */
export type Pack = { sha: string; pack: Buffer; index: Buffer }

/** Largest pack built in memory, in bytes: offsets stay below the index format's 31-bit limit, with room to spare. */
export const packBytesMax = 1024 * 1024 * 1024

// Level 1: on text it is three times as fast as Git's default and a tenth larger; repacking makes up for it.
const options = { level: 1 }
const deflateInThread = promisify<Uint8Array, typeof options, Buffer>(deflate)
const kindCode: Record<ObjectKind, number> = { commit: 1, tree: 2, blob: 3, tag: 4 }

// Small bodies are faster compressed in place than handed to a thread; after this many bytes of them the loop gets its
// turn.
const bytesInPlaceMax = 256 * 1024

/** Packs objects (duplicates count once); rejects with RangeError above packBytesMax. */
export async function encodePack(objects: Iterable<GitObject>): Promise<Pack> {
  const byOid = new Map<string, GitObject>()
  for (const object of objects) byOid.set(object.oid, object)
  const sorted = [...byOid.values()].sort((a, b) => (a.oid < b.oid ? -1 : 1))

  const header = Buffer.alloc(12)
  header.write('PACK', 0, 'latin1')
  header.writeUInt32BE(2, 4)
  header.writeUInt32BE(sorted.length, 8)

  const parts: Buffer[] = [header]
  const places: Place[] = []
  let offset = header.length
  let bytesInPlace = 0
  for (const object of sorted) {
    const head = encodeEntryHead(kindCode[object.kind], object.body.length)
    bytesInPlace += object.body.length
    const isInPlace = bytesInPlace <= bytesInPlaceMax
    if (!isInPlace) bytesInPlace = 0
    const deflated = isInPlace ? deflateSync(object.body, options) : await deflateInThread(object.body, options)
    places.push({ oid: object.oid, offset, crc: crc32(deflated, crc32(head)) })
    parts.push(head, deflated)
    offset += head.length + deflated.length
    if (offset > packBytesMax) throw new RangeError(`a pack may hold ${packBytesMax} bytes at most`)
  }
  const content = Buffer.concat(parts, offset)
  const trailer = createHash('sha1').update(content).digest()
  const pack = Buffer.concat([content, trailer])
  return { sha: trailer.toString('hex'), pack, index: encodePackIndex(places, trailer) }
}

// Kind in bits 4 to 6 of the first byte, size in its low four bits and then seven bits a byte, lowest first.
function encodeEntryHead(kind: number, size: number): Buffer {
  const bytes: number[] = []
  let byte = (kind << 4) | (size & 0x0f)
  let rest = Math.floor(size / 16)
  while (rest > 0) {
    bytes.push(byte | 0x80)
    byte = rest & 0x7f
    rest = Math.floor(rest / 128)
  }
  bytes.push(byte)
  return Buffer.from(bytes)
}

type Place = { oid: string; offset: number; crc: number }

// Version 2: magic, fan-out by first byte, oids, checksums of the packed bytes, offsets, two trailers.
function encodePackIndex(places: readonly Place[], packTrailer: Buffer): Buffer {
  const count = places.length
  const oidsAt = 8 + 256 * 4
  const crcsAt = oidsAt + count * 20
  const offsetsAt = crcsAt + count * 4
  const trailerAt = offsetsAt + count * 4
  const index = Buffer.alloc(trailerAt + 40)
  index.writeUInt32BE(0xff744f63, 0)
  index.writeUInt32BE(2, 4)
  const fanOut = new Uint32Array(256)
  places.forEach((place, i) => {
    index.write(place.oid, oidsAt + i * 20, 'hex')
    index.writeUInt32BE(place.crc, crcsAt + i * 4)
    index.writeUInt32BE(place.offset, offsetsAt + i * 4)
    const first = index[oidsAt + i * 20] ?? 0
    fanOut[first] = (fanOut[first] ?? 0) + 1
  })
  let total = 0
  fanOut.forEach((n, first) => {
    total += n
    index.writeUInt32BE(total, 8 + first * 4)
  })
  packTrailer.copy(index, trailerAt)
  createHash('sha1')
    .update(index.subarray(0, -20))
    .digest()
    .copy(index, trailerAt + 20)
  return index
}
