// What the server refused, or that it could not be reached: a code for programs, a sentence for people, and a hint that
// says what to do. Everything that fails over HTTP in this app is an ApiError.

import { ErrorBody, type ErrorCode } from '@skein/protocol'

/** Codes of the server, and two of this side: no answer at all, and an answer that this page does not understand. */
export type ApiErrorCode = ErrorCode | 'no-answer' | 'unexpected-answer'

/** A request that did not succeed. `status` is 0 when no answer came. */
export class ApiError extends Error {
  readonly code: ApiErrorCode
  readonly status: number
  readonly hint: string | undefined
  readonly details: Record<string, unknown> | undefined

  constructor(
    code: ApiErrorCode,
    message: string,
    more: { status?: number; hint?: string | undefined; details?: Record<string, unknown> | undefined } = {},
  ) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.status = more.status ?? 0
    this.hint = more.hint
    this.details = more.details
  }
}

/** Reads a refusal; an answer that is none of ours (a proxy's page) becomes `unexpected-answer`. */
export function bodyToApiError(status: number, body: unknown): ApiError {
  const parsed = ErrorBody.safeParse(body)
  if (parsed.success) {
    const { code, message, hint, details } = parsed.data.error
    return new ApiError(code, message, { status, hint, details })
  }
  return new ApiError('unexpected-answer', `The server answered ${status} without saying why.`, {
    status,
    hint: 'Nothing you saved is affected. Load the page again; if it stays, tell whoever runs this Skein.',
  })
}

/** The error of a request that got no answer. */
export function noAnswerError(): ApiError {
  return new ApiError('no-answer', 'The server does not answer.', {
    hint: 'Nothing was changed. Check your connection and try again.',
  })
}

/** Any thrown value as an ApiError, for places that show one. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return new ApiError('unexpected-answer', error instanceof Error ? error.message : String(error))
}
