/**
 * What a fetch asks for. Git itself gives any object of the repository to whoever knows its oid (always in protocol 2, and trees and blobs in the older
 * one, too), so the lines `want <oid>` are read before Git hears them.
 */
import { Oid, Refusal } from '@skein/protocol'

const lengthBytes = 4
/** Flush, delimiter and end of answer have no payload. */
const lengthsWithoutPayload = [0, 1, 2]

/** Oids that are wanted, whichever version of the protocol it is. Throws a Refusal when these are not lines as Git sends them. */
export function readWanted(body: Uint8Array): Set<Oid> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const wanted = new Set<Oid>()
  for (let at = 0; at < bytes.length; ) {
    const digits = bytes.toString('latin1', at, at + lengthBytes)
    const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : -1
    if (lengthsWithoutPayload.includes(length)) {
      at += lengthBytes
      continue
    }
    if (length < lengthBytes || at + length > bytes.length) throw malformed()
    const line = bytes.toString('latin1', at + lengthBytes, at + length)
    at += length
    if (!line.startsWith('want')) continue
    const [, oid] = /^want ([0-9a-f]{40})(?![0-9a-f])/i.exec(line) ?? []
    // Also refuses `want-ref`, which is not offered.
    if (oid === undefined) throw malformed()
    wanted.add(Oid.parse(oid.toLowerCase()))
  }
  return wanted
}

const malformed = () => new Refusal('invalid-request', 'This is not a fetch as Git sends it.')
