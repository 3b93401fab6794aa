/** Turns what GitHub answers, over REST and over Git's HTTP, into the closed list of failures. */
import { z } from 'zod'
import type { GithubFailure } from '../../commands/github/github-host.ts'

/** GitHub asks for a minute when it says nothing more about a secondary limit. */
const secondaryLimitMs = 60_000

export interface HttpAnswer {
  status: number
  header: (name: string) => string | null
  /** What the body says, in words. */
  message: string
}

/** What a refused request was about, because a bare 404 does not say what is missing. */
export type Asked = 'installation' | 'token' | 'repository' | 'git'

/** The failure behind an answer that is not a success. */
export function answerToFailure(answer: HttpAnswer, asked: Asked, now: Date): GithubFailure {
  const { status, message } = answer
  const until = limitOf(answer, now)
  if (until !== null) return { kind: 'rate-limited', until }
  if (status === 401) return { kind: 'unauthorized' }
  if (/suspended/i.test(message)) return { kind: 'suspended' }
  if (/archived/i.test(message)) return { kind: 'archived' }
  if (status === 404) return { kind: asked === 'installation' || asked === 'token' ? 'installation-gone' : 'not-found' }
  // A token cannot be narrowed to a repository, or to a permission, that the installation does not have.
  if (status === 422 && asked === 'token') {
    return /permission/i.test(message) ? { kind: 'forbidden', detail: message } : { kind: 'not-found' }
  }
  if (status === 403) return { kind: 'forbidden', detail: message.slice(0, 300) }
  return { kind: 'unreachable', detail: `It answered ${status}.` }
}

/** Until when GitHub wants to be left alone; null when this is no rate limit. */
function limitOf({ status, header, message }: HttpAnswer, now: Date): Date | null {
  if (status !== 403 && status !== 429) return null
  const after = Number(header('retry-after'))
  if (Number.isFinite(after) && after > 0) return new Date(now.getTime() + after * 1000)
  const reset = Number(header('x-ratelimit-reset'))
  if (header('x-ratelimit-remaining') === '0' && reset > 0) return new Date(reset * 1000)
  const isLimit = status === 429 || /rate limit/i.test(message)
  return isLimit ? new Date(now.getTime() + secondaryLimitMs) : null
}

/** The failure behind a connection that did not come about, or an answer of another shape than GitHub's. */
export function networkToFailure(error: unknown): GithubFailure {
  if (error instanceof z.ZodError)
    return { kind: 'unreachable', detail: 'It answered something that Skein does not understand.' }
  const cause = (error as { cause?: { code?: string } }).cause
  const isTimeout = (error as Error).name === 'TimeoutError'
  const detail = isTimeout
    ? 'It did not answer in time.'
    : `It could not be reached${cause?.code ? ` (${cause.code})` : ''}.`
  return { kind: 'unreachable', detail }
}
