// Registers the service worker that opens the app without the server, and asks whether this page is still of the build that
// the server hands out.

/**
 * Whether this browser can open the app without the server: it only does so at addresses that nobody can tamper with. In
 * development there is no build to keep.
 */
export const canOpenWithoutServer = (): boolean =>
  process.env.NODE_ENV === 'production' && window.isSecureContext && 'serviceWorker' in navigator

/** A worker that does not answer a question within this time, in milliseconds, has no opinion. */
const ANSWER_WITHIN_MS = 3_000

const ownAssets = (): string[] =>
  [...document.querySelectorAll<HTMLScriptElement>('script[src*="/_next/static/"]')].map(
    ({ src }) => new URL(src).pathname,
  )

function askWorker(worker: ServiceWorker, question: unknown): Promise<unknown> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(undefined), ANSWER_WITHIN_MS)
    port1.onmessage = ({ data }) => {
      clearTimeout(late)
      resolve(data)
    }
    worker.postMessage(question, [port2])
  })
}

/** Whether the worker knows this page to be of another build than its own. */
export async function isPageOutdated(): Promise<boolean> {
  const { active } = await navigator.serviceWorker.ready
  return active !== null && (await askWorker(active, ownAssets())) === false
}

/** Registers the worker, or finds it; asks the server for a newer one. Rejects where the server or the browser refuses. */
export async function registerShell(): Promise<void> {
  const registration = await navigator.serviceWorker.register('/sw.js', { scope: '/', updateViaCache: 'none' })
  await registration.update()
}
