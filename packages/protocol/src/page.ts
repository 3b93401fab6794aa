/** Lists page with an opaque `cursor` and a `limit`; `nextCursor` is absent on the last page. */
import { z } from 'zod'

export const PageQuery = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type PageQuery = z.infer<typeof PageQuery>

export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() })

/** An instant, RFC 3339 in UTC. */
export const Instant = z.iso.datetime()
