/**
 * Calls of GitHub's REST API on behalf of an installation. Each installation has a client, and with it a queue, of its own: the library would put
 * all of them into one, where a busy workspace makes everybody wait. Nothing is tried again here: the outbox does that, in rows that outlive
 * the process. What has not changed is asked for by its ETag, which costs nothing of the budget.
 */
import { throttling } from '@octokit/plugin-throttling'
import { LRUCache } from 'lru-cache'
import type { GithubAnswer, GithubPlace } from '../../commands/github/github-host.ts'
import { answerToFailure } from './github-errors.ts'
import type { InstallationTokens, TokenUse } from './installation-tokens.ts'
import { createRest, restFailure } from './rest.ts'

const installationsMax = 1000
const answersKeptMax = 5000

/** What is left of an installation's budget of calls. */
export interface Quota {
  left: number
  limit: number
  resetsAt: Date | null
}
export type OnQuota = (installationId: number, quota: Quota) => void

export interface InstallationCallsOptions {
  /** GITHUB_API_URL, without a slash at the end. */
  apiUrl: string
  tokens: InstallationTokens
  /** Told after every answer that says what is left. */
  onQuota: OnQuota
}

export interface Call<T> {
  use: TokenUse
  /** Method and template, as the library writes them: `GET /repos/{owner}/{repo}`. */
  route: string
  parameters: Record<string, string | number>
  /** Reads the answer; what it throws is an answer that is not GitHub's. */
  read: (data: unknown) => T
  signal: AbortSignal
}

interface Kept {
  etag: string
  value: unknown
}

/** As much of an answer as is read here. */
interface RestAnswer {
  status: number
  headers: Record<string, string | number | undefined>
  data: unknown
}

type Client = InstanceType<ReturnType<typeof createRest>>

export class InstallationCalls {
  readonly #options: InstallationCallsOptions
  readonly #clients = new LRUCache<number, Client>({ max: installationsMax })
  readonly #kept = new LRUCache<string, Kept>({ max: answersKeptMax })
  readonly #quotas = new LRUCache<number, Quota>({ max: installationsMax })

  constructor(options: InstallationCallsOptions) {
    this.#options = options
  }

  /** Rejects when `signal` is aborted, at once also while the call waits for its turn. */
  async run<T>(place: GithubPlace, call: Call<T>): Promise<GithubAnswer<T>> {
    return this.#options.tokens.withToken(place, call.use, call.signal, async (token) => {
      const answer = await unlessAborted(call.signal, this.#ask(place, call, token))
      if (!answer.ok && answer.failure.kind === 'forbidden') this.#options.tokens.forgetGrants(place.installationId)
      return answer
    })
  }

  /** What the last answer said; null: none has come yet. */
  quotaOf({ installationId }: GithubPlace): Quota | null {
    return this.#quotas.get(installationId) ?? null
  }

  async #ask<T>(place: GithubPlace, call: Call<T>, token: string): Promise<GithubAnswer<T>> {
    const { route, parameters, read, signal } = call
    const key = `${place.installationId} ${place.repositoryId} ${route} ${JSON.stringify(parameters)}`
    const kept = route.startsWith('GET ') ? this.#kept.get(key) : undefined
    const headers = { authorization: `token ${token}`, ...(kept && { 'if-none-match': kept.etag }) }
    try {
      const answer = await this.#client(place).request(route, { ...parameters, headers, request: { signal } })
      this.#tellQuota(place, answer)
      if (answer.status >= 300) {
        return {
          ok: false,
          failure: answerToFailure({ ...answer, header: () => null, message: '' }, 'repository', new Date()),
        }
      }
      const value = read(answer.data)
      const { etag } = answer.headers
      if (typeof etag === 'string' && route.startsWith('GET ')) this.#kept.set(key, { etag, value })
      return { ok: true, value }
    } catch (error) {
      signal.throwIfAborted()
      const { response } = error as { response?: RestAnswer }
      if (response !== undefined) this.#tellQuota(place, response)
      if (response?.status === 304 && kept !== undefined) return { ok: true, value: kept.value as T }
      return { ok: false, failure: restFailure('repository', error) }
    }
  }

  #client({ installationId }: GithubPlace): Client {
    const known = this.#clients.get(installationId)
    if (known !== undefined) return known
    const never = () => false
    const Throttled = createRest(this.#options.apiUrl).plugin(throttling)
    const client = new Throttled({
      throttle: { id: `installation:${installationId}`, onRateLimit: never, onSecondaryRateLimit: never },
    })
    this.#clients.set(installationId, client)
    return client
  }

  #tellQuota({ installationId }: GithubPlace, { headers }: RestAnswer): void {
    const [left, limit, reset] = ['remaining', 'limit', 'reset'].map((name) => Number(headers[`x-ratelimit-${name}`]))
    // Searches and the like have budgets of their own.
    const isCore = (headers['x-ratelimit-resource'] ?? 'core') === 'core'
    if (!isCore || left === undefined || limit === undefined || !Number.isInteger(left) || !(limit > 0)) return
    const quota = { left, limit, resetsAt: reset !== undefined && reset > 0 ? new Date(reset * 1000) : null }
    this.#quotas.set(installationId, quota)
    this.#options.onQuota(installationId, quota)
  }
}

/** The library cannot take a call out of its queue; whoever asked does not wait for it any more. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
