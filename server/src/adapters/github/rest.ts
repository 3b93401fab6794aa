/** The REST client: a time limit for each call, no redirects, nothing printed, and what goes wrong told as a value. */
import { Octokit } from '@octokit/core'
import { z } from 'zod'
import type { GithubAnswer, GithubFailure } from '../../commands/github/github-host.ts'
import { type Asked, answerToFailure, networkToFailure } from './github-errors.ts'

const timeoutMs = 20_000

/** What goes wrong is told as a value; the library would also print it. */
export const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A REST client that follows no redirect: a name that moved is told as such, and a token reaches nobody but GitHub. */
export function createRest(apiUrl: string): typeof Octokit {
  const timed: typeof fetch = (input, init = {}) => {
    const signals = [init.signal ?? [], AbortSignal.timeout(timeoutMs)].flat()
    return fetch(input, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) })
  }
  return Octokit.defaults({ baseUrl: apiUrl, userAgent: 'skein', request: { fetch: timed }, log: silent })
}

/** The part of the library's error that is read here. */
interface HttpError {
  status: number
  response: { headers: Record<string, string | number | undefined>; data: unknown }
}

/** A reason that says which field was wrong, but nothing to people. */
const Silent = z.unknown().transform(() => '')
/** What GitHub writes into an answer that is not a success. */
const Complaint = z.object({
  message: z.string().default(''),
  errors: z
    .array(z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message), Silent]))
    .catch([])
    .default([]),
})

/** Runs a call of the REST API and makes a value of what it throws. */
export async function restAnswer<T>(asked: Asked, call: () => Promise<T>): Promise<GithubAnswer<T>> {
  try {
    return { ok: true, value: await call() }
  } catch (error) {
    return { ok: false, failure: restFailure(asked, error) }
  }
}

/** The failure behind what the library throws. */
export function restFailure(asked: Asked, error: unknown): GithubFailure {
  const { status, response } = error as Partial<HttpError>
  if (response === undefined || status === undefined) return networkToFailure(error)
  const header = (name: string) => String(response.headers[name] ?? '') || null
  return answerToFailure({ status, header, message: wordsOf(response.data) }, asked, new Date())
}

/** What went wrong in GitHub's words, the reasons for it after it. */
function wordsOf(data: unknown): string {
  const { success, data: complaint } = Complaint.safeParse(data)
  return success ? [complaint.message, ...complaint.errors].filter((words) => words !== '').join(': ') : ''
}
