/**
 * The description of the API at `/api/openapi.json`, gathered from the routes themselves. A path parameter that takes
 * the rest of an address has a pattern for the router (`{path}{.+}`), which OpenAPI has no word for and does not get
 * to see.
 */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from './env.ts'

const restPattern = '{.+}'

/**
 * Adds the route; call it before the routes that need a signed-in person, so that anybody may read it. Later routes
 * are described too.
 */
export function describeApi(app: OpenAPIHono<ApiEnv>, version: string): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API token, skein_…',
  })
  let description: object | undefined
  app.get('/api/openapi.json', (c) => {
    description ??= describe(app, version)
    c.header('Cache-Control', 'public, max-age=300')
    return c.json(description)
  })
}

function describe(app: OpenAPIHono<ApiEnv>, version: string): object {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Skein', version, description: 'Live documents with Git as their lasting record.' },
    security: [{ token: [] }],
  })
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => [path.replace(restPattern, ''), item])
  return { ...document, paths: Object.fromEntries(paths) }
}
