/** The HTTP API as a signed-in page uses it, and as a program with a token does. */
import type { Page } from '@playwright/test'

export interface Answer<Body> {
  status: number
  body: Body
}

/** From inside the page, so that cookie and origin are those of a browser. */
export function callAs<Body>(page: Page, method: string, path: string, body?: unknown): Promise<Answer<Body>> {
  return page.evaluate(
    async ({ method, path, body }) => {
      const init: RequestInit = { method }
      if (body !== undefined) {
        init.headers = { 'content-type': 'application/json' }
        init.body = JSON.stringify(body)
      }
      const answer = await fetch(`/api/v1${path}`, init)
      const text = await answer.text()
      return { status: answer.status, body: text === '' ? null : JSON.parse(text) }
    },
    { method, path, body },
  )
}

export async function makeToken(page: Page): Promise<string> {
  const { status, body } = await callAs<{ token: string }>(page, 'POST', '/tokens', { name: 'a story' })
  if (status !== 201) throw new Error(`no token: ${status} ${JSON.stringify(body)}`)
  return body.token
}

/** The id in the address of an open project. */
export const projectIdOf = (page: Page): string => decodeURIComponent(new URL(page.url()).pathname.split('/')[2] ?? '')
