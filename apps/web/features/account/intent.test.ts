import { expect, test } from 'vitest'
import { intentToQuery, queryToIntent } from './intent.ts'

const read = (query: Record<string, string | string[]>) => queryToIntent(Promise.resolve(query))

test('only a path of this origin is followed after signing in', async () => {
  expect((await read({ next: '/w/riverside?x=1' })).next).toBe('/w/riverside?x=1')
  for (const next of ['https://elsewhere.example', '//elsewhere.example', '/\\elsewhere.example', 'w/riverside', '']) {
    expect(`${next} ${(await read({ next })).next}`).toBe(`${next} null`)
  }
})

test('a browser drops tabs and line ends inside an address, so a path that holds one is not followed', async () => {
  for (const next of ['/\t/elsewhere.example', '/\n/elsewhere.example', '/\r\\elsewhere.example']) {
    expect((await read({ next })).next).toBeNull()
  }
})

test('what was wanted survives the way from one page to the other', async () => {
  const intent = { next: null, gitUrl: 'https://example.org/a b.git?x=1&y=2' }
  const query = Object.fromEntries(new URLSearchParams(intentToQuery(intent).slice(1)))
  expect(await read(query)).toEqual(intent)
  expect(intentToQuery({ next: null, gitUrl: null })).toBe('')
})
