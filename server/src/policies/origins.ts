/**
 * Cross-site requests. A browser sends the session cookie with whatever page asks, so every request that changes something must come from
 * Skein's own pages: browsers say so by `Origin`, which they send with all such requests, and by `Sec-Fetch-Site`, which no script can set.
 * A request with neither is no browser's: a program that keeps a cookie acts for itself.
 */

/** Origins whose pages may act for a signed-in person: the public one, and 127.0.0.1 beside localhost on the same port. */
export function ownOrigins(publicUrl: string): readonly string[] {
  const url = new URL(publicUrl)
  if (url.hostname !== 'localhost') return [url.origin]
  const loopback = new URL(url)
  loopback.hostname = '127.0.0.1'
  return [url.origin, loopback.origin]
}

/** Whether only this machine reaches the instance, as far as its public address tells. */
export const isLocal = (publicUrl: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(new URL(publicUrl).hostname)

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether the request may act under the cookie it came with. Requests that only read may. */
export function isSameOrigin(request: { method: string; headers: Headers }, own: readonly string[]): boolean {
  if (READS.has(request.method)) return true
  const origin = request.headers.get('origin')
  if (origin !== null) return own.includes(origin)
  const site = request.headers.get('sec-fetch-site')
  return site === null || site === 'same-origin' || site === 'none'
}
