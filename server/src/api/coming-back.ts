/**
 * The ways back from GitHub are addresses of the API that a person's browser is sent to, so a refusal there is read by a person: it is answered as a
 * plain page with the way on, in the same words.
 */
import { type Refusal, STATUS_BY_CODE } from '@skein/protocol'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ApiContext } from './env.ts'

/** Whether a person looks at the answer. */
export const isComingBack = (c: ApiContext): boolean =>
  c.req.method === 'GET' &&
  c.req.path.startsWith('/api/v1/github/') &&
  (c.req.header('accept')?.includes('text/html') ?? false)

export function answerBrowser(c: ApiContext, { code, message, hint }: Refusal): Response {
  const further = hint === undefined ? '' : `<p>${escapeHtml(hint)}</p>`
  c.header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
  return c.html(
    `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>GitHub was not connected</title>` +
      `<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;color-scheme:light dark}</style>` +
      `<h1>GitHub was not connected</h1><p>${escapeHtml(message)}</p>${further}<p><a href="/">Back to Skein</a></p></html>`,
    STATUS_BY_CODE[code] as ContentfulStatusCode,
  )
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
