/** The API as a door of the one port: what is below `/api` goes to the Hono application, and so do the calls of GitHub. */

import { getRequestListener } from '@hono/node-server'
import type { HttpDoor } from './http.ts'

/** An application that speaks the web's `Request` and `Response`; `incoming` is the request as Node has it. */
export interface WebApplication {
  // biome-ignore lint/suspicious/noExplicitAny: Hono's own type for what it is given beside the request
  fetch(request: Request, environment?: any): Response | Promise<Response>
}

export function createApiDoor(application: WebApplication): HttpDoor {
  // The globals of Node stay as they are: the library would replace Request and Response for the whole process.
  const listener = getRequestListener(application.fetch, { overrideGlobalObjects: false })
  return {
    door: 'api',
    takes: (path) => path === '/api' || path.startsWith('/api/') || path.startsWith('/webhooks/'),
    handle: (request, response) => listener(request, response),
  }
}
