/**
 * Errors are part of the interface: a code that programs can rely on, a message for people, and a hint that says what to do next.
 * The HTTP status belongs to the code.
 */
import { z } from 'zod'

export const STATUS_BY_CODE = {
  'invalid-request': 400,
  'invalid-path': 400,
  'invalid-url': 400,
  'invalid-expression': 400,
  'expression-too-slow': 400,
  unauthenticated: 401,
  'token-expired': 401,
  'token-revoked': 401,
  'wrong-credentials': 401,
  'setup-token-required': 403,
  forbidden: 403,
  'missing-scope': 403,
  'cross-origin': 403,
  'read-only': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'email-taken': 409,
  'slug-taken': 409,
  'path-taken': 409,
  'path-twin': 409,
  'path-is-folder': 409,
  'stale-revision': 409,
  'quote-not-found': 409,
  'quote-ambiguous': 409,
  'request-in-progress': 409,
  'already-member': 409,
  'last-owner': 409,
  'project-importing': 409,
  'project-not-ready': 409,
  'already-linked': 409,
  'not-linked': 409,
  'not-text': 409,
  'job-ended': 409,
  'conflict-decided': 409,
  'conflict-moved': 409,
  'remote-differs': 409,
  'invitation-expired': 410,
  'invitation-used': 410,
  'invitation-revoked': 410,
  'file-too-large': 413,
  'body-too-large': 413,
  'quota-exceeded': 413,
  'unsupported-media-type': 415,
  'idempotency-mismatch': 422,
  'precondition-required': 428,
  'rate-limited': 429,
  'internal-error': 500,
  'git-unreachable': 502,
  'git-private': 502,
  'git-not-a-repository': 502,
  'git-refused': 502,
  'github-unreachable': 502,
  'github-refused': 502,
  'github-not-configured': 503,
  'disk-full': 507,
  unavailable: 503,
} as const

export type ErrorCode = keyof typeof STATUS_BY_CODE
export const ERROR_CODES = Object.keys(STATUS_BY_CODE) as [ErrorCode, ...ErrorCode[]]

export const ErrorBody = z.object({
  error: z.object({
    code: z.enum(ERROR_CODES),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
    hint: z.string().optional(),
  }),
})
export type ErrorBody = z.infer<typeof ErrorBody>

/** A refusal that is told to whoever asked; thrown by commands and policies, turned into an answer at the door. */
export class Refusal extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly details: Record<string, unknown> | undefined

  constructor(code: ErrorCode, message: string, more: { hint?: string; details?: Record<string, unknown> } = {}) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.hint = more.hint
    this.details = more.details
  }
}
