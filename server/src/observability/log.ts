/** Structured logs on standard output, one JSON object a line. Secrets that a request may carry never reach them. */

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
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths: redacted, censor: '–' } })
}
