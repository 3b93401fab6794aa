/** Structured logs on standard output, one JSON object a line. Secrets that a request may carry never reach them. */

import { inspect } from 'node:util'
import { type Logger, pino } from 'pino'
import type { Config } from '../config/config.ts'

export type Log = Logger

const redacted = [
  '*.authorization',
  '*.cookie',
  '*.password',
  '*.token',
  '*.ticket',
  'headers.authorization',
  'headers.cookie',
]

export function createLog(level: Config['logLevel']): Log {
  return pino({
    level,
    base: null,
    serializers: { err: errorToLog },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: redacted, censor: '–' },
  })
}

/** Only what explains an error: libraries hang whole connections on theirs, with all they carried. */
export function errorToLog(error: unknown): object {
  if (!(error instanceof Error)) return { message: inspect(error, { depth: 1 }).slice(0, 1_000) }
  const { name, message, stack, cause } = error
  const code = 'code' in error ? { code: error.code } : {}
  return { name, message, stack, ...code, ...(cause === undefined ? {} : { cause: errorToLog(cause) }) }
}
