/** The refusal that says when to come back. */
import { Refusal } from '@skein/protocol'

/** `what` is the plural of what there was too much of; the API sends the seconds as `Retry-After` too. */
export const tooMany = (what: string, retryAfterSeconds: number): Refusal =>
  new Refusal('rate-limited', `Too many ${what}. Try again in ${readableSeconds(retryAfterSeconds)}.`, {
    hint: 'Nothing was changed.',
    details: { retryAfterSeconds },
  })

const readableSeconds = (seconds: number): string => {
  if (seconds > 90) return `${Math.ceil(seconds / 60)} minutes`
  return seconds === 1 ? '1 second' : `${seconds} seconds`
}
