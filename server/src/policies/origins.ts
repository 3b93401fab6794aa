/**
 * Cross-site requests. A browser sends the session cookie with whatever page asks, so every request that changes something and comes with a
 * cookie must say that it comes from Skein's own pages: by `Origin`, which all browsers send with such requests, and by `Sec-Fetch-Site`,
 * which no script can set.
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

/** Whether the request may use the cookie it came with. Requests that only read, or that come without a cookie, may. */
export function isSameOrigin(request: { method: string; headers: Headers }, own: readonly string[]): boolean {
  if (READS.has(request.method)) return true
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none' && !(origin && own.includes(origin))) return false
  if (origin !== null) return own.includes(origin)
  return site === 'same-origin' || !request.headers.has('cookie')
}
