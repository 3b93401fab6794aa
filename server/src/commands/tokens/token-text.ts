/**
 * What a secret that we hand out looks like, and what we keep of it. An API token is `skein_`, 43 base62 digits of 256 random bits,
 * and 6 digits of their CRC-32: secret scanners find it by its prefix, and a mistyped one is refused without asking the
 * database. Links and tickets are the digits alone. Of all of them only the SHA-256 hash is kept: 256 random bits need no salt and no slow hash.
 */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

const PREFIX = 'skein_'
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const SECRET_BYTES = 32
const SECRET_DIGITS = 43
const CHECK_DIGITS = 6
const SHAPE = new RegExp(`^${PREFIX}([0-9A-Za-z]{${SECRET_DIGITS}})([0-9A-Za-z]{${CHECK_DIGITS}})$`)

/** Source of random bytes: `randomBytes` of node:crypto. */
export type RandomBytes = (bytes: number) => Uint8Array

/** A secret of 256 random bits, as 43 base62 digits. */
export const makeSecret = (randomBytes: RandomBytes): string => toBase62(randomBytes(SECRET_BYTES), SECRET_DIGITS)

/** A new API token. */
export function makeTokenText(randomBytes: RandomBytes): string {
  const secret = makeSecret(randomBytes)
  return `${PREFIX}${secret}${checkDigits(secret)}`
}

/** Whether the text has the shape and the checksum of an API token; says nothing about whether there is one. */
export function isTokenText(text: string): boolean {
  const parts = SHAPE.exec(text)
  return parts !== null && checkDigits(parts[1] ?? '') === parts[2]
}

/** What is kept of a secret: its SHA-256 hash. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** The last four characters, by which its owner tells tokens apart. */
export const hintOf = (token: string): string => token.slice(-4)

const checkDigits = (secret: string): string => {
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(secret))
  return toBase62(check, CHECK_DIGITS)
}

function toBase62(bytes: Uint8Array, digits: number): string {
  let value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (let i = 0; i < digits; i++) {
    text = DIGITS.charAt(Number(value % 62n)) + text
    value /= 62n
  }
  return text
}
