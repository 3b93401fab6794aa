/** Turns what GitHub answers, over REST and over Git's HTTP, into the closed list of failures. */
import { z } from 'zod'
import type { GithubFailure } from '../../commands/github/github-host.ts'

/** GitHub asks for a minute when it says nothing more about a secondary limit. */
const secondaryLimitMs = 60_000
/** The longest that any of GitHub's limits lasts is an hour; an answer that asks for more than a day is not believed. */
const limitMsMax = 24 * 3_600_000
const detailCharactersMax = 300
const causesMax = 4

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
  // Redirects are not followed: the number of the repository tells its new name, and the token stays with who it is for.
  if (status >= 300 && status < 400) return { kind: 'renamed' }
  if (status === 401) return { kind: 'unauthorized' }
  if (/suspended/i.test(message)) return { kind: 'suspended' }
  if (/archived/i.test(message)) return { kind: 'archived' }
  if (status === 404) return { kind: asked === 'installation' || asked === 'token' ? 'installation-gone' : 'not-found' }
  // A token cannot be narrowed to a repository, or to a permission, that the installation does not have.
  if (status === 422 && asked === 'token') {
    return /permission/i.test(message) ? { kind: 'forbidden', detail: shorten(message) } : { kind: 'not-found' }
  }
  if (status === 403 || status === 451) return { kind: 'forbidden', detail: shorten(message) }
  if (status === 408 || status >= 500) return { kind: 'unreachable', detail: `It answered ${status}.` }
  return { kind: 'declined', detail: `${status}: ${shorten(message)}` }
}

/** Until when GitHub wants to be left alone; null when this is no rate limit. */
function limitOf({ status, header, message }: HttpAnswer, now: Date): Date | null {
  if (status !== 403 && status !== 429) return null
  const inMs = (ms: number) => new Date(now.getTime() + Math.min(ms, limitMsMax))
  const after = Number(header('retry-after'))
  if (Number.isFinite(after) && after > 0) return inMs(after * 1000)
  const reset = Number(header('x-ratelimit-reset'))
  if (header('x-ratelimit-remaining') === '0' && reset > 0) return inMs(Math.max(0, reset * 1000 - now.getTime()))
  const isLimit = status === 429 || /rate limit/i.test(message)
  return isLimit ? inMs(secondaryLimitMs) : null
}

/** The failure behind a connection that did not come about, or an answer of another shape than GitHub's. */
export function networkToFailure(error: unknown): GithubFailure {
  if (error instanceof z.ZodError) {
    return { kind: 'unreachable', detail: 'It answered something that Skein does not understand.' }
  }
  const causes = listCauses(error)
  if (causes.some(({ name }) => name === 'TimeoutError')) {
    return { kind: 'unreachable', detail: 'It did not answer in time.' }
  }
  const code = causes.find((cause) => typeof cause.code === 'string')?.code
  return { kind: 'unreachable', detail: `It could not be reached${code === undefined ? '' : ` (${code})`}.` }
}

interface Cause {
  name?: string
  code?: string
}

// The library and `fetch` each wrap the error of the layer below.
function listCauses(error: unknown): Cause[] {
  const causes: Cause[] = []
  let current = error
  while (typeof current === 'object' && current !== null && causes.length < causesMax) {
    causes.push(current as Cause)
    current = (current as { cause?: unknown }).cause
  }
  return causes
}

const shorten = (text: string): string => text.slice(0, detailCharactersMax)
