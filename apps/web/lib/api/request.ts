// Every request of the app goes through here: JSON in, a checked shape out, an ApiError when it fails. The session is
// the cookie of this origin, so nothing is kept or sent by hand.

import { ApiError, bodyToApiError, noAnswerError } from './error.ts'
import type { Schema } from './schema.ts'

export const API = '/api/v1'

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
type RequestOptions = { body?: unknown; signal?: AbortSignal | undefined; headers?: Record<string, string> }

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function fetchJson(method: Method, path: string, options: RequestOptions): Promise<unknown> {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers }
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      ...(options.signal && { signal: options.signal }),
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw noAnswerError()
  }
  const body = await readJson(response)
  if (!response.ok) throw bodyToApiError(response.status, body)
  return body
}

/** Sends a request and checks its answer against `schema`; throws ApiError. `path` starts with `/api`. */
export async function request<Value>(
  schema: Schema<Value>,
  method: Method,
  path: string,
  options: RequestOptions = {},
): Promise<Value> {
  const body = await fetchJson(method, path, options)
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new ApiError('unexpected-answer', 'The server answered in a form that this page does not know.', {
    status: 200,
    hint: 'Skein was probably updated since this page was loaded. Load it again.',
  })
}

/** Sends a request whose answer does not matter beyond having succeeded; throws ApiError. */
export async function send(method: Method, path: string, options: RequestOptions = {}): Promise<void> {
  await fetchJson(method, path, options)
}
