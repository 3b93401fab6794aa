/** Cursors of lists: where the page before ended, as an opaque string. */
import { Refusal } from '@skein/protocol'
import type { z } from 'zod'

/** A place in a list as a cursor. */
export const encodeCursor = (place: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url')

/** The place in a cursor, or null when there is none. Refuses what no list has handed out. */
export function decodeCursor<Place>(cursor: string | undefined, schema: z.ZodType<Place>): Place | null {
  if (cursor === undefined) return null
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch {
    throw new Refusal('invalid-request', 'cursor: is not one that this list gave.', {
      hint: 'Send the “nextCursor” of the page before, or none for the first page.',
    })
  }
}

/** One page from rows of which one more than `limit` was asked for. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  placeOf: (row: Row) => readonly (string | number)[],
): { items: Item[]; nextCursor?: string } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(toItem),
    ...(rows.length > limit && last !== undefined && { nextCursor: encodeCursor(placeOf(last)) }),
  }
}
