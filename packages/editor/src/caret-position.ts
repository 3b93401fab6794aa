/**
 * Where people are in a document. A caret travels in awareness as two relative positions (they name characters, not
 * numbers, so they stay right while others type); name and colour beside them are stamped by the server and are the only
 * ones that are shown. A state without that stamp is not shown at all.
 */
import { AwarenessUser } from '@skein/protocol'
import * as Y from 'yjs'

/** A caret as JSON in the field `cursor` of an awareness state. */
export interface CursorField {
  anchor: unknown
  head: unknown
}

/** Somebody else's caret, resolved against the text as it is now. Positions are UTF-16 code units. */
export interface RemoteCaret {
  clientId: number
  user: AwarenessUser
  anchor: number
  head: number
  isIdle: boolean
}

/** The awareness field for a selection of this text. */
export function selectionToCursor(text: Y.Text, anchor: number, head: number): CursorField {
  return {
    anchor: Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, anchor)),
    head: Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, head)),
  }
}

/** Resolves one end of a cursor, or null when it belongs to another text or is not understood. */
export function cursorEndToIndex(text: Y.Text, end: unknown): number | null {
  if (!text.doc || typeof end !== 'object' || end === null) return null
  try {
    const relative = Y.createRelativePositionFromJSON(end)
    const absolute = Y.createAbsolutePositionFromRelativePosition(relative, text.doc)
    return absolute?.type === text ? absolute.index : null
  } catch {
    return null // Awareness comes from other clients; a malformed one is no caret.
  }
}

/** Says whether two cursor fields name the same characters. */
export function isSameCursor(one: CursorField | null, other: CursorField | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** All carets but one's own, ordered by client so that drawing is stable. */
export function remoteCarets(
  states: ReadonlyMap<number, Readonly<Record<string, unknown>>>,
  ownClientId: number,
  text: Y.Text,
): RemoteCaret[] {
  const carets: RemoteCaret[] = []
  for (const [clientId, state] of states) {
    if (clientId === ownClientId) continue
    const user = AwarenessUser.safeParse(state.user)
    const cursor = state.cursor as CursorField | null | undefined
    if (!user.success || !cursor) continue
    const head = cursorEndToIndex(text, cursor.head)
    if (head === null) continue
    const anchor = cursorEndToIndex(text, cursor.anchor) ?? head
    carets.push({ clientId, user: user.data, anchor, head, isIdle: state.idle === true })
  }
  return carets.sort((one, other) => one.clientId - other.clientId)
}
