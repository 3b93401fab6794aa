/**
 * The way back from GitHub ends in a browser that somebody looks at: what is refused there is told by a page of ours, by its reason alone, so that
 * no address can put words on it. Programs, which ask for no page, get the refusal itself.
 */
import { Refusal } from '@skein/protocol'
import type { Context } from 'hono'

/** Redirects to where `step` says; where it refuses, a browser goes to the page that says why. */
export async function redirectBack(c: Context, step: () => Promise<string>): Promise<Response> {
  try {
    return c.redirect(await step(), 302)
  } catch (error) {
    const isBrowser = c.req.header('accept')?.includes('text/html') ?? false
    if (!(error instanceof Refusal) || !isBrowser) throw error
    const { reason } = error.details ?? {}
    return c.redirect(
      `/github/refused?reason=${encodeURIComponent(typeof reason === 'string' ? reason : error.code)}`,
      302,
    )
  }
}
