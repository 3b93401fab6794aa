// Find in project: one answer of a search, which goes on from its cursor.

import { FindAnswer, type FindQuery } from '@skein/protocol'
import { API, request } from './request.ts'

/** What to look for; what is left out has its default. */
export type FindRequest = Pick<FindQuery, 'query'> & Partial<FindQuery>

/** Asks for the next matches; ends with the signal, on the server too. */
export function findInTexts(project: string, body: FindRequest, signal: AbortSignal): Promise<FindAnswer> {
  return request(FindAnswer, 'POST', `${API}/projects/${encodeURIComponent(project)}/find`, { body, signal })
}
