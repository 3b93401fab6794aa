// Passwords are kept as scrypt hashes in the PHC string form `$scrypt$ln=14,r=8,p=5$salt$key`, so that the cost can be raised
// later without breaking old ones. The cost is OWASP's 16 MiB setting (Password Storage Cheat Sheet).
//
// node:crypto computes scrypt on libuv's pool of four threads, which file reads and DNS share: at most two hashes run at
// once, the others wait in line, so that a burst of sign-ins stalls neither the event loop nor the disk.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { Turnstile } from '../policies/turnstile.ts'

const COST = { ln: 14, r: 8, p: 5 }
const KEY_BYTES = 32
const SALT_BYTES = 16
/** Two at once; above so many that wait (about half a minute of work) a request is refused instead of queued. */
const hashing = new Turnstile(2, 256)
const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]+)$/

function deriveKey(password: string, salt: Buffer, cost: typeof COST, keyBytes: number): Promise<Buffer> {
  const options = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: 256 * 2 ** cost.ln * cost.r }
  return hashing.pass(
    () =>
      new Promise((resolve, reject) => {
        scrypt(password.normalize('NFKC'), salt, keyBytes, options, (error, key) =>
          error ? reject(error) : resolve(key),
        )
      }),
  )
}

/** Hashes a password with a fresh salt; takes about 0.2 s and 16 MiB off the main thread. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const key = await deriveKey(password, salt, COST, KEY_BYTES)
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${salt.toString('base64url')}$${key.toString('base64url')}`
}

/** Whether the password matches the hash; an unreadable hash matches nothing. Compares in constant time. */
export async function verifyPassword(input: { hash: string; password: string }): Promise<boolean> {
  const parts = PHC.exec(input.hash)
  if (!parts) return false
  const [, ln, r, p, salt, key] = parts as unknown as [string, string, string, string, string, string]
  const expected = Buffer.from(key, 'base64url')
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) }
  const actual = await deriveKey(input.password, Buffer.from(salt, 'base64url'), cost, expected.length)
  return timingSafeEqual(actual, expected)
}
