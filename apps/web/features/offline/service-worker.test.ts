import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import path from 'node:path'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'

const ORIGIN = 'https://skein.example'
const ASSET = '/_next/static/chunks/a.js'
const source = stripTypeScriptTypes(readFileSync(path.join(import.meta.dirname, 'service-worker.ts'), 'utf8'))

type Listener = (event: unknown) => void
type Answer = {
  ok: boolean
  status: number
  redirected: boolean
  words: string
  clone: () => Answer
  text: () => unknown
}

const answer = (words: string, status = 200): Answer => {
  const made: Answer = {
    ok: status < 400,
    status,
    redirected: false,
    words,
    clone: () => made,
    text: async () => words,
  }
  return made
}

/** A worker of one build, over caches that outlive it and a network that the test is. */
function startWorker(build: string, assets: readonly string[], stored = new Map<string, Map<string, Answer>>()) {
  const listeners = new Map<string, Listener>()
  const fetched: { address: string; credentials?: string }[] = []
  const network = { answer: (_address: string): Answer | Promise<Answer> => answer('') }
  const fetch = async (request: string | { url: string }, init: { credentials?: string } = {}) => {
    const address = typeof request === 'string' ? request : new URL(request.url).pathname
    fetched.push({ address, ...init })
    return await network.answer(address)
  }
  const open = async (name: string) => {
    const cache = stored.get(name) ?? new Map<string, Answer>()
    stored.set(name, cache)
    return {
      match: async (key: string) => cache.get(key),
      put: async (key: string, value: Answer) => void cache.set(key, value),
      addAll: async (keys: string[]) => {
        for (const key of keys) cache.set(key, await fetch(key))
      },
    }
  }
  const caches = {
    open,
    keys: async () => [...stored.keys()],
    delete: async (name: string) => stored.delete(name),
    match: async ({ url }: { url: string }) =>
      [...stored.values()].map((cache) => cache.get(new URL(url).pathname)).find((found) => found !== undefined),
  }
  const self = {
    location: { origin: ORIGIN },
    clients: { claim: async () => undefined },
    registration: {},
    skipWaiting: async () => undefined,
    addEventListener: (type: string, listener: Listener) => listeners.set(type, listener),
  }
  runInNewContext(source, { self, caches, fetch, URL, setTimeout, BUILD: build, ASSETS: assets })
  const tell = async (type: string) => {
    let work: Promise<unknown> = Promise.resolve()
    listeners.get(type)?.({ waitUntil: (promise: Promise<unknown>) => (work = promise) })
    await work
  }
  /** What the worker answers, or `untouched`. */
  const ask = async (address: string, request: { mode?: string; method?: string } = {}): Promise<string> => {
    let response: Promise<Answer> | undefined
    listeners.get('fetch')?.({
      request: { url: new URL(address, ORIGIN).href, method: 'GET', mode: 'cors', ...request },
      preloadResponse: Promise.resolve(undefined),
      respondWith: (promise: Promise<Answer>) => (response = promise),
    })
    return response ? (await response).words : 'untouched'
  }
  return { tell, ask, network, stored, fetched }
}

const shellOf = (asset: string) => (address: string) =>
  answer(address === '/offline' ? `<script src="${asset}"></script>` : `at ${address}`)
const away = (): never => {
  throw new TypeError('no network')
}
const page = { mode: 'navigate' }

async function install(build: string, asset: string, stored?: Map<string, Map<string, Answer>>) {
  const worker = startWorker(build, [asset], stored)
  worker.network.answer = shellOf(asset)
  await worker.tell('install')
  await worker.tell('activate')
  return worker
}

test('ON8: keeps the assets of the build and a page that was fetched as nobody, and nothing else ever', async () => {
  const { ask, stored, fetched } = await install('one', ASSET)
  expect(fetched.find(({ address }) => address === '/offline')).toMatchObject({ credentials: 'omit' })
  for (const address of ['/', '/p/1/f/notes.md', '/w/lab', '/me', '/invitations/x']) {
    expect(await ask(address, page)).toBe(`at ${address}`)
  }
  await ask(ASSET)
  expect([...stored].map(([name, cache]) => [name, ...cache.keys()])).toEqual([['skein-shell-one', ASSET, '/offline']])
})

test('ON8: answers of the API, other methods, other origins and files pass untouched', async () => {
  const { ask, network } = await install('one', ASSET)
  network.answer = away
  for (const address of [
    '/api/v1/me',
    '/api/v1/projects/1/raw/a.md',
    '/livez',
    '/collab',
    '/git/a/b.git',
    '/icon.svg',
  ]) {
    expect(await ask(address)).toBe('untouched')
    expect(await ask(address, page)).toBe('untouched')
  }
  expect(await ask('/p/1/f', { method: 'POST', mode: 'navigate' })).toBe('untouched')
  expect(await ask(`https://elsewhere.example${ASSET}`)).toBe('untouched')
})

test('ON9: without the server, or behind a proxy without one, every page is the shell', async () => {
  const { ask, network } = await install('one', ASSET)
  network.answer = away
  expect(await ask('/p/1/f/notes.md', page)).toContain('<script')
  network.answer = () => answer('bad gateway', 502)
  expect(await ask('/w/lab', page)).toContain('<script')
  network.answer = () => answer('not here', 404)
  expect(await ask('/w/lab', page)).toBe('not here')
})

test('ON10: a page of another build is not kept, and the shell before stays in force', async () => {
  const { stored } = await install('one', ASSET)
  const worker = startWorker('two', ['/_next/static/chunks/b.js'], stored)
  worker.network.answer = shellOf('/_next/static/chunks/c.js')
  await expect(worker.tell('install')).rejects.toThrow('another build')
  expect([...stored.keys()]).toEqual(['skein-shell-one'])
})

test('ON10: after a new build the one before still has its assets, and older ones are gone', async () => {
  const { stored } = await install('one', ASSET)
  await install('two', '/_next/static/chunks/b.js', stored)
  const third = await install('three', '/_next/static/chunks/c.js', stored)
  expect([...stored.keys()]).toEqual(['skein-shell-two', 'skein-shell-three'])
  third.network.answer = away
  expect(await third.ask('/_next/static/chunks/b.js')).toBe('at /_next/static/chunks/b.js')
  expect(await third.ask('/_next/static/chunks/c.js')).toBe('at /_next/static/chunks/c.js')
  expect(await third.ask('/p/1/f', page)).toContain('chunks/c.js')
})
