// How Git names things: an object is `kind SP length NUL body`, its oid the SHA-1 of that. SHA-1 repositories only; a
// SHA-256 one is refused at import, because GitHub does not take it either.
import { createHash } from 'node:crypto'

/** Kinds of objects; `tag` occurs in imported history only, Skein's snapshots write the other three. */
export type ObjectKind = 'blob' | 'tree' | 'commit' | 'tag'

/** One object ready to be packed; `oid` is 40 lower-case hexadecimal digits. */
export type GitObject = { kind: ObjectKind; oid: string; body: Uint8Array }

/** Names a body: hashes it once, so that nobody downstream has to. */
export function encodeObject(kind: ObjectKind, body: Uint8Array): GitObject {
  const oid = createHash('sha1').update(`${kind} ${body.length}\0`).update(body).digest('hex')
  return { kind, oid, body }
}

/** Whether a string is a full SHA-1 name; everything that reaches a command line as an oid passes here first. */
export function isOid(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text)
}

/** The tree without entries, which a repository knows without storing it; a commit of nothing names it. */
export const emptyTreeOid = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
