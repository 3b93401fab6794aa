// The commit codec. Encoding writes exactly what `git commit` would; decoding is for showing history and is forgiving,
// because twenty years of tools have written commits: unknown headers are skipped, odd dates become 1970.
import { TextDecoder } from 'node:util'
import { encodeIdentity, type Identity } from './identity.ts'
import { encodeObject, type GitObject } from './object.ts'

/** An identity at a moment: milliseconds since 1970, of which Git keeps whole seconds. */
export type Signature = Identity & { atMs: number }

/** What a commit says; `message` is complete (see encodeMessage). */
export type Commit = { tree: string; parents: string[]; author: Signature; committer: Signature; message: string }

/** Encodes a commit with cleaned identities, times in UTC. */
export function encodeCommit(commit: Commit): GitObject {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${encodeSignature(commit.author)}`,
    `committer ${encodeSignature(commit.committer)}`,
  ]
  return encodeObject('commit', Buffer.from(`${lines.join('\n')}\n\n${commit.message}`))
}

function encodeSignature(signature: Signature): string {
  return `${encodeIdentity(signature)} ${Math.floor(signature.atMs / 1000)} +0000`
}

/** Reads a commit's body; throws only when there is no tree line. */
export function decodeCommit(body: Uint8Array): Commit {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  const split = bytes.indexOf('\n\n')
  const headEnd = split < 0 ? bytes.length : split
  const headers = bytes.toString('latin1', 0, headEnd).split('\n')
  const decoder = makeDecoder(valuesOf(headers, 'encoding')[0])
  const text = (latin1: string) => decoder.decode(Buffer.from(latin1, 'latin1'))
  const tree = valuesOf(headers, 'tree')[0]
  if (!tree) throw new Error('a commit without a tree')
  return {
    tree,
    parents: valuesOf(headers, 'parent'),
    author: decodeSignature(text(valuesOf(headers, 'author')[0] ?? '')),
    committer: decodeSignature(text(valuesOf(headers, 'committer')[0] ?? '')),
    message: split < 0 ? '' : decoder.decode(bytes.subarray(split + 2)),
  }
}

// Continuation lines of signatures begin with a space and so never match a key.
function valuesOf(headers: readonly string[], key: string): string[] {
  return headers.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1))
}

function makeDecoder(encoding = 'utf-8'): TextDecoder {
  try {
    return new TextDecoder(encoding, { ignoreBOM: true })
  } catch {
    return new TextDecoder('latin1')
  }
}

function decodeSignature(text: string): Signature {
  const match = /^(.*?) ?<([^>]*)>\s*(-?\d+)?/s.exec(text)
  const seconds = Number(match?.[3] ?? 0)
  const isSane = seconds >= yearOneSeconds && seconds <= year9999Seconds
  return { name: match?.[1] ?? text, email: match?.[2] ?? '', atMs: isSane ? seconds * 1000 : 0 }
}

// Beyond these a time is a mistake of the tool that wrote it, and neither RFC 3339 nor PostgreSQL can hold it.
const yearOneSeconds = -62_135_596_800
const year9999Seconds = 253_402_300_799
