import { expect, test } from 'vitest'
import { hashPassword, verifyPassword } from './password.ts'

test('a hash says its cost, is salted, and matches its password alone', async () => {
  const [hash, other] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')])
  expect(hash).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[\w-]{22}\$[\w-]{43}$/)
  expect(other).not.toBe(hash)
  expect(await verifyPassword({ hash, password: 'correct horse' })).toBe(true)
  expect(await verifyPassword({ hash, password: 'correct hors' })).toBe(false)
})

test('a password is the same however its accents are written', async () => {
  const hash = await hashPassword('cafe\u0301 cafe\u0301 cafe\u0301')
  expect(await verifyPassword({ hash, password: 'café café café' })).toBe(true)
})

test.each(['', 'plain', '$scrypt$ln=14,r=8,p=5$', 'salt:key'])('the hash %j matches nothing', async (hash) => {
  expect(await verifyPassword({ hash, password: '' })).toBe(false)
})

test('older hashes keep their cost', async () => {
  // scrypt of 'password' with N = 1024, r = 8, p = 1
  const { scryptSync } = await import('node:crypto')
  const key = scryptSync('password', 'salt', 32, { N: 1024, r: 8, p: 1 })
  const hash = `$scrypt$ln=10,r=8,p=1$${Buffer.from('salt').toString('base64url')}$${key.toString('base64url')}`
  expect(await verifyPassword({ hash, password: 'password' })).toBe(true)
})

test('the event loop turns while a burst of passwords is hashed', async () => {
  let turns = 0
  let isDone = false
  const turn = () => {
    turns++
    if (!isDone) setImmediate(turn)
  }
  turn()
  await Promise.all(Array.from({ length: 4 }, () => hashPassword('correct horse')))
  isDone = true
  // On the main thread the loop would turn about once a hash.
  expect(turns).toBeGreaterThan(20)
}, 60_000)
