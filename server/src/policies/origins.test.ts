import { expect, test } from 'vitest'
import { isLocal, isSameOrigin, ownOrigins } from './origins.ts'

test('the public origin is our own, and 127.0.0.1 beside localhost', () => {
  expect(ownOrigins('http://localhost:3000')).toEqual(['http://localhost:3000', 'http://127.0.0.1:3000'])
  expect(ownOrigins('https://skein.example.org/')).toEqual(['https://skein.example.org'])
})

test('only loopback names are local', () => {
  expect(['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:80'].every(isLocal)).toBe(true)
  expect(['https://localhost.example.org', 'http://192.168.0.2:3000', 'https://skein.example.org'].some(isLocal)).toBe(
    false,
  )
})

const own = ['https://skein.example.org']
test.each([
  ['GET', {}, true],
  ['GET', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', cookie: 'a=b' }, true],
  ['POST', { origin: 'https://skein.example.org', cookie: 'a=b' }, true],
  ['POST', { origin: 'https://skein.example.org', 'sec-fetch-site': 'same-origin', cookie: 'a=b' }, true],
  ['POST', { 'sec-fetch-site': 'same-origin', cookie: 'a=b' }, true],
  ['POST', {}, true],
  ['POST', { cookie: 'a=b' }, true],
  ['POST', { 'sec-fetch-site': 'none', cookie: 'a=b' }, true],
  ['POST', { origin: 'null', cookie: 'a=b' }, false],
  ['POST', { origin: 'https://skein.example.org.evil.example' }, false],
  ['POST', { origin: 'http://skein.example.org' }, false],
  ['POST', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin', cookie: 'a=b' }, false],
  ['POST', { 'sec-fetch-site': 'cross-site' }, false],
  ['POST', { 'sec-fetch-site': 'same-site', cookie: 'a=b' }, false],
  ['DELETE', { origin: 'https://evil.example', cookie: 'a=b' }, false],
])('%s with %j: %s', (method, headers, expected) => {
  expect(isSameOrigin({ method, headers: new Headers(headers as Record<string, string>) }, own)).toBe(expected)
})
