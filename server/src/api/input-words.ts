/** What is wrong with input that does not fit its schema, in the words of a person; schemas with words of their own keep them. */
import type { z } from 'zod'

type RawIssue = Parameters<z.core.$ZodErrorMap>[0]

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}
const UNITS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: [' character', ' characters'],
  array: [' item', ' items'],
}

/** Goes behind the name of the part: “edits: must have at least 1 item”. Undefined: as Zod says it. */
export function inputToWords(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${TYPES[issue.expected] ?? issue.expected}`
    case 'too_small':
      if (issue.origin === 'string' && Number(issue.minimum) === 1) return 'must not be empty'
      return bound(issue.origin, 'at least', issue.minimum)
    case 'too_big':
      return bound(issue.origin, 'at most', issue.maximum)
    case 'unrecognized_keys':
      return `there is no ${issue.keys.map((key) => `“${key}”`).join(', ')} here`
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`
    case 'invalid_union':
      return 'has none of the shapes that it may have'
    default:
      return undefined
  }
}

function bound(origin: string, side: 'at least' | 'at most', limit: number | bigint): string {
  const unit = UNITS[origin]
  const count = limit.toLocaleString('en')
  return unit ? `must have ${side} ${count}${unit[Number(limit) === 1 ? 0 : 1]}` : `must be ${side} ${count}`
}
