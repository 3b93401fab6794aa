// The service worker: it opens the app without the server. It keeps the static shell of one build (hashed assets, and a page
// that is the same for everybody) and nothing else: no page, no answer of the API, nothing of anybody. It runs as it stands
// here, without its types; `app/sw.js` puts the list of the build's assets before it. Whoever is open with the build before
// goes on to find its assets, so one older shell is kept.
// (The block keeps its names to itself: a file without imports shares them with all others.)

declare const ASSETS: readonly string[]
declare const BUILD: string

{
  type ExtendableEvent = Event & { waitUntil(work: Promise<unknown>): void }
  type InstallEvent = ExtendableEvent & {
    addRoutes?(route: { condition: { urlPattern: { pathname: string } }; source: 'network' }): Promise<void>
  }
  type FetchEvent = ExtendableEvent & {
    request: Request
    preloadResponse: Promise<Response | undefined>
    respondWith(answer: Promise<Response>): void
  }
  type ShellWorker = EventTarget & {
    location: Location
    clients: { claim(): Promise<void> }
    registration: { navigationPreload?: { enable(): Promise<void> } }
    skipWaiting(): Promise<void>
  }

  const worker = self as unknown as ShellWorker
  const SHELL = '/offline'
  const ASSET_FOLDER = '/_next/static/'
  const PREFIX = 'skein-shell-'
  const CACHE = PREFIX + BUILD
  /** The shell in force and the one before. */
  const SHELLS_KEPT = 2
  /** A server that sends no page within this time, in milliseconds, is as good as away, for pages that the shell can show. */
  const PAGE_WITHIN_MS = 10_000
  /** What proxies say when there is no server behind them. */
  const AWAY_STATUSES: readonly number[] = [502, 503, 504]
  /** Addresses of pages; everything else passes untouched. */
  const PAGES = /^\/($|(p|w)\/|me$|sign-in$|sign-up$|invitations\/)/

  /** Every asset and the page, or nothing. A page of another build (a server that is just being replaced) is not kept. */
  async function install(): Promise<void> {
    const page = await fetch(SHELL, { credentials: 'omit', cache: 'no-store' })
    const html = await page.clone().text()
    const needed = [...html.matchAll(/\/_next\/static\/[^"'\\<>?\s]+/g)].map(([url]) => url)
    if (!page.ok || page.redirected || !needed.every((url) => ASSETS.includes(url))) throw new Error('another build')
    const cache = await caches.open(CACHE)
    await cache.addAll([...ASSETS])
    await cache.put(SHELL, page)
    await worker.skipWaiting()
  }

  async function activate(): Promise<void> {
    const older = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE)
    for (const name of older.slice(0, older.length - SHELLS_KEPT + 1)) await caches.delete(name)
    await worker.registration.navigationPreload?.enable()
    await worker.clients.claim()
  }

  /** Hashed, so whichever shell has it has the right one. */
  const answerAsset = async (request: Request): Promise<Response> => (await caches.match(request)) ?? fetch(request)

  async function answerPage(event: FetchEvent): Promise<Response> {
    const { pathname } = new URL(event.request.url)
    const isLate = new Promise<never>((_, reject) => pathname.startsWith('/p/') && setTimeout(reject, PAGE_WITHIN_MS))
    const page = Promise.resolve(event.preloadResponse).then((preloaded) => preloaded ?? fetch(event.request))
    const shell = async () => (await (await caches.open(CACHE)).match(SHELL)) ?? page
    try {
      const answer = await Promise.race([page, isLate])
      return AWAY_STATUSES.includes(answer.status) ? shell() : answer
    } catch {
      return shell()
    }
  }

  worker.addEventListener('install', (event) => {
    // Where the browser knows this, requests of the API do not even wake the worker.
    ;(event as InstallEvent).addRoutes?.({ condition: { urlPattern: { pathname: '/api/*' } }, source: 'network' })
    ;(event as ExtendableEvent).waitUntil(install())
  })
  worker.addEventListener('activate', (event) => (event as ExtendableEvent).waitUntil(activate()))
  worker.addEventListener('fetch', (event) => {
    const { request } = event as FetchEvent
    const { origin, pathname } = new URL(request.url)
    if (request.method !== 'GET' || origin !== worker.location.origin) return
    if (request.mode === 'navigate' && PAGES.test(pathname)) {
      ;(event as FetchEvent).respondWith(answerPage(event as FetchEvent))
    } else if (pathname.startsWith(ASSET_FOLDER)) (event as FetchEvent).respondWith(answerAsset(request))
  })
  /** A page asks whether it is of this build: what it was loaded with, answered over the port that it sends along. */
  worker.addEventListener('message', (event) => {
    const { data, ports } = event as MessageEvent<unknown>
    const isOwn = Array.isArray(data) && data.every((path) => typeof path === 'string' && ASSETS.includes(path))
    ports[0]?.postMessage(isOwn)
  })
}
