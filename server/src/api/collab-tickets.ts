/** `POST /collab/tickets`: a single-use ticket with which a browser authenticates its collaboration socket. */
import { createRoute } from '@hono/zod-openapi'
import { CollabTicket, CreateCollabTicket } from '@skein/protocol'
import { createTicket, type TicketsDeps } from '../commands/tokens/tickets.ts'
import { type ApiRoutes, answers, json, newRoutes, REFUSAL } from './env.ts'

const create = createRoute({
  method: 'post',
  path: '/collab/tickets',
  tags: ['collaboration'],
  summary: 'A ticket for one socket, good once within 60 seconds; with a project, for its documents only',
  request: { body: { required: false, content: json(CreateCollabTicket) } },
  responses: { ...answers(201, 'The ticket', CollabTicket), default: REFUSAL },
})

/** Routes of tickets. */
export function collabTicketRoutes(deps: TicketsDeps): ApiRoutes {
  const routes = newRoutes()
  routes.openapi(create, async (c) => {
    const { ticket, expiresAt } = await createTicket(deps, c.get('actor'), {
      sessionId: c.get('sessionId'),
      project: c.req.valid('json').project,
    })
    return c.json({ ticket, expiresAt: expiresAt.toISOString() }, 201)
  })
  return routes
}
