/**
 * The secret key and what is made from it. One key per purpose (HKDF), so that no two uses ever share one; secrets at rest are
 * sealed with AES-256-GCM and bound to the row that they belong to, so that a sealed value moved to another row does not open.
 */

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
const version = 'v1'

export interface Secrets {
  /** A key of 32 bytes for one purpose. */
  keyFor(purpose: string): Buffer
  /** Encrypts `text` for the place that `boundTo` names; only `open` with the same place gives it back. */
  seal(text: string, boundTo: string): string
  /** @throws when the value was changed, moved, or sealed under another key */
  open(sealed: string, boundTo: string): string
  /** Stands in the database, so that a start with the wrong key is noticed before anything is written with it. */
  readonly fingerprint: string
}

/** Reads the key of an embedded instance, or makes it (`<dataDir>/secret.key`, readable for its owner only). */
export function keepSecretKey(dataDir: string): string {
  const file = path.join(dataDir, 'secret.key')
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, `${randomBytes(keyBytes).toString('base64url')}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return readFileSync(file, 'utf8').trim()
}

/** Derives everything from the secret key. */
export function createSecrets(secretKey: string): Secrets {
  const keyFor = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', secretKey, 'skein', purpose, keyBytes))
  const sealingKey = keyFor('seal')
  return {
    keyFor,
    seal: (text, boundTo) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce).setAAD(Buffer.from(boundTo))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return `${version}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`
    },
    open: (sealed, boundTo) => {
      const [prefix, body = ''] = sealed.split('.')
      if (prefix !== version) throw new Error('A sealed value has an unknown version')
      const bytes = Buffer.from(body, 'base64url')
      const nonce = bytes.subarray(0, nonceBytes)
      const decipher = createDecipheriv('aes-256-gcm', sealingKey, nonce).setAAD(Buffer.from(boundTo))
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
      return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
    },
    fingerprint: keyFor('fingerprint').toString('base64url'),
  }
}
