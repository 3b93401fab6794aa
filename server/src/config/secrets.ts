/**
 * The secret key and what is made from it. One key per purpose (HKDF), so that no two uses ever share one; secrets at rest are
 * sealed with AES-256-GCM and bound to the row that they belong to, so that a sealed value moved to another row does not open.
 *
 * A sealed value is `v2.<key id>.<nonce, tag, bytes in base64url>`: the id tells which secret key opens it, so that a rotation knows what it
 * still has to do. Values of `v1` have no id; the keys at hand are tried in turn.
 */

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
/** Enough that two keys of one instance never share it; it tells nothing about the key. */
const keyIdBytes = 6
const fileName = 'secret.key'

export interface Secrets {
  /** A key of 32 bytes for one purpose. */
  keyFor(purpose: string): Buffer
  /** Encrypts `text` for the place that `boundTo` names; only `open` with the same place gives it back. */
  seal(text: string, boundTo: string): string
  /** @throws when the value was changed, moved, or sealed under another key */
  open(sealed: string, boundTo: string): string
  /** Whether the value is sealed under the present key, in the present form. */
  isCurrent(sealed: string): boolean
  /** Stands in the database, so that a start with the wrong key is noticed before anything is written with it. */
  readonly fingerprint: string
}

/** Reads the key of an embedded instance, or makes it (`<dataDir>/secret.key`, readable for its owner only). */
export function keepSecretKey(dataDir: string): string {
  const file = path.join(dataDir, fileName)
  if (existsSync(file)) return readKey(file)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  writeKey(`${file}.new`)
  renameSync(`${file}.new`, file)
  return readKey(file)
}

/** A key that is to take the place of the one in `<dataDir>/secret.key`, made once: `adoptNextSecretKey` ends the change. */
export function keepNextSecretKey(dataDir: string): string {
  const file = path.join(dataDir, `${fileName}.next`)
  if (!existsSync(file)) {
    writeKey(`${file}.new`)
    renameSync(`${file}.new`, file)
  }
  return readKey(file)
}

/** Whether a change of the key has begun and not come to its end. */
export const hasNextSecretKey = (dataDir: string): boolean => existsSync(path.join(dataDir, `${fileName}.next`))

/**
 * Puts the next key in the place of the present one, which is kept beside it for backups that were made under it; returns the name of that
 * file. There is a key at every moment, and doing it again after a kill does the rest.
 */
export function adoptNextSecretKey(dataDir: string): string {
  const file = path.join(dataDir, fileName)
  const kept = `${file}.${sealingKey(readKey(file)).id}`
  copyFileSync(file, `${kept}.new`)
  renameSync(`${kept}.new`, kept)
  renameSync(`${file}.next`, file)
  return kept
}

const readKey = (file: string): string => readFileSync(file, 'utf8').trim()

/** A key is on the disk before anything is sealed under it. */
function writeKey(file: string): void {
  const descriptor = openSync(file, 'w', 0o600)
  writeSync(descriptor, `${randomBytes(keyBytes).toString('base64url')}\n`)
  fsyncSync(descriptor)
  closeSync(descriptor)
}

/** Derives everything from the secret key. What was sealed under `previous` opens too. */
export function createSecrets(secretKey: string, previous: string | null = null): Secrets {
  const keyFor = (purpose: string): Buffer => derive(secretKey, purpose)
  const present = sealingKey(secretKey)
  const known = previous === null ? [present] : [present, sealingKey(previous)]
  return {
    keyFor,
    seal: (text, boundTo) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', present.key, nonce).setAAD(Buffer.from(boundTo))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return `v2.${present.id}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`
    },
    open: (sealed, boundTo) => {
      const [version, ...parts] = sealed.split('.')
      if (version === 'v1' && parts.length === 1) return openWithAny(known, parts[0] as string, boundTo)
      if (version !== 'v2' || parts.length !== 2) throw new Error('A sealed value has an unknown version')
      const [id, body] = parts as [string, string]
      const key = known.find((one) => one.id === id)
      if (!key) throw new Error('A sealed value was sealed under another secret key')
      return openWith(key, body, boundTo)
    },
    isCurrent: (sealed) => sealed.startsWith(`v2.${present.id}.`),
    fingerprint: keyFor('fingerprint').toString('base64url'),
  }
}

interface SealingKey {
  readonly id: string
  readonly key: Buffer
}

const derive = (secretKey: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secretKey, 'skein', purpose, keyBytes))

const sealingKey = (secretKey: string): SealingKey => ({
  id: derive(secretKey, 'seal-id').subarray(0, keyIdBytes).toString('base64url'),
  key: derive(secretKey, 'seal'),
})

function openWithAny([first, ...others]: readonly SealingKey[], body: string, boundTo: string): string {
  if (!first) throw new Error('There is no key to open a sealed value with')
  try {
    return openWith(first, body, boundTo)
  } catch (error) {
    if (others.length === 0) throw error
    return openWithAny(others, body, boundTo)
  }
}

function openWith({ key }: SealingKey, body: string, boundTo: string): string {
  const bytes = Buffer.from(body, 'base64url')
  // The length of the tag is said, so that a shortened one is not taken for a weaker one.
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(boundTo)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
  return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
}
