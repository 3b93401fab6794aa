/** `/tokens`: the API tokens of whoever asks. */
import { createRoute, z } from '@hono/zod-openapi'
import { ApiToken, CreatedToken, CreateToken, listOf, TokenId } from '@skein/protocol'
import { createToken, listTokens, revokeToken, type TokensDeps } from '../commands/tokens/tokens.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'
import { toApiToken } from './present.ts'

const tags = ['tokens']

const list = createRoute({
  method: 'get',
  path: '/tokens',
  tags,
  summary: 'Your API tokens, newest first, with their last use',
  responses: { ...answers(200, 'Tokens', listOf(ApiToken)), default: REFUSAL },
})
const create = createRoute({
  method: 'post',
  path: '/tokens',
  tags,
  summary: 'Make an API token; it is shown once',
  request: jsonBody(CreateToken),
  responses: { ...answers(201, 'The token', CreatedToken), default: REFUSAL },
})
const revoke = createRoute({
  method: 'delete',
  path: '/tokens/{token}',
  tags,
  summary: 'Revoke an API token at once',
  request: { params: z.object({ token: TokenId }) },
  responses: { 204: { description: 'Revoked' }, default: REFUSAL },
})

/** Routes of API tokens. */
export function tokenRoutes(deps: TokensDeps): ApiRoutes {
  const routes = newRoutes()
  routes.openapi(list, async (c) => c.json({ items: (await listTokens(deps.db, c.get('actor'))).map(toApiToken) }, 200))
  routes.openapi(create, async (c) => {
    const { expiresAt, ...terms } = c.req.valid('json')
    const { row, token } = await createToken(deps, c.get('actor'), {
      ...terms,
      expiresAt: expiresAt ? new Date(expiresAt) : undefined,
    })
    return c.json({ ...toApiToken(row), token }, 201)
  })
  routes.openapi(revoke, async (c) => {
    await revokeToken(deps.db, c.get('actor'), c.req.valid('param').token)
    return c.body(null, 204)
  })
  return routes
}
