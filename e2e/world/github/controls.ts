/** What tests do to the stand-in for GitHub, in typed calls; each is one request to its control door. */
import type { AppHook } from './app.ts'
import type { CommitRequest } from './commits.ts'
import type { HookWeather } from './hook-state.ts'
import type { MergeMethod } from './merging.ts'
import type { NewRepository } from './repositories.ts'
import type { Installation, Outage, Person, RateLimit, Repository } from './state.ts'

/** One call of `/_control`, see control.ts; throws what the stand-in complains about. */
export type Control = <T>(method: string, path: string, body?: unknown) => Promise<T>

/** A pull request, of GitHub's shape. */
export interface RemotePull {
  number: number
  state: 'open' | 'closed'
  title: string
  body: string | null
  merged: boolean
  merge_commit_sha: string | null
  head: { ref: string; sha: string }
  base: { ref: string; sha: string }
  html_url: string
}

export interface RemoteDelivery {
  id: number
  guid: string
  event: string
  action: string | null
  status: string
  status_code: number
  redelivery: boolean
  body: string
}

/** What the stand-in says of its App. */
export interface AppFacts {
  appId: number
  slug: string
  privateKey: string
  webhookSecret: string
  clientId: string
  clientSecret: string
}

/** Opens the control door of the stand-in at `url`. */
export function controlOf(url: string): Control {
  return async (method, path, body) => {
    const answer = await fetch(`${url}/_control/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const value = (await answer.json()) as never
    if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`)
    return value
  }
}

export type GithubControls = ReturnType<typeof controlsOf>

/** The control calls by name. */
export function controlsOf(control: Control) {
  const at = (repositoryId: number, rest = '') => `repositories/${repositoryId}${rest}`
  return {
    createInstallation: (body: Partial<Installation> = {}) => control<Installation>('POST', 'installations', body),
    /** Suspends, changes permissions, selects repositories; each is told by webhook. */
    changeInstallation: (id: number, body: Partial<Installation>) =>
      control<Installation>('PATCH', `installations/${id}`, body),
    deleteInstallation: (id: number) => control<unknown>('DELETE', `installations/${id}`),

    createRepository: (body: NewRepository) => control<Repository>('POST', 'repositories', body),
    /** Renames, transfers, protects, hides, archives; `defaultBranch` renames the default branch. */
    changeRepository: (id: number, body: Partial<Repository>) => control<Repository>('PATCH', at(id), body),
    deleteRepository: (id: number) => control<unknown>('DELETE', at(id)),
    /** Makes another branch, that exists, the default one. */
    changeDefaultBranch: (id: number, branch: string) => control<unknown>('PUT', at(id, '/default-branch'), { branch }),
    renameBranch: (id: number, from: string, to: string) =>
      control<unknown>('POST', at(id, '/rename-branch'), { from, to }),
    deleteBranch: (id: number, branch: string) =>
      control<unknown>('PUT', at(id, '/ref'), { ref: `refs/heads/${branch}`, oid: null }),
    /** Moves or makes a branch or tag, forced where need be. */
    moveRef: (id: number, ref: string, oid: string) => control<unknown>('PUT', at(id, '/ref'), { ref, oid }),
    readBranches: (id: number) => control<Record<string, string>>('GET', at(id, '/branches')),
    readRef: async (id: number, ref: string) =>
      (await control<{ oid: string | null }>('POST', at(id, '/ref'), { ref })).oid,
    /** Commits by somebody else, on the default branch unless one is named; the new head. */
    commit: async (id: number, request: Partial<CommitRequest>) =>
      (await control<{ oid: string }>('POST', at(id, '/commits'), request)).oid,
    /** Git itself in the bare repository; what it printed. */
    git: async (id: number, ...args: string[]) =>
      (await control<{ output: string }>('POST', at(id, '/git'), { args })).output,
    readPushes: (id: number) =>
      control<{ ref: string; before: string; after: string; forced: boolean; installationId: number }[]>(
        'GET',
        at(id, '/pushes'),
      ),

    readPulls: (id: number) => control<RemotePull[]>('GET', at(id, '/pulls')),
    openPull: (id: number, body: { head: string; base?: string; title?: string; body?: string }) =>
      control<RemotePull>('POST', at(id, '/pulls'), body),
    mergePull: (id: number, number: number, body: { method?: MergeMethod; deleteHead?: boolean } = {}) =>
      control<RemotePull>('POST', at(id, `/pulls/${number}/merge`), body),
    closePull: (id: number, number: number) => control<RemotePull>('POST', at(id, `/pulls/${number}/close`)),
    reopenPull: (id: number, number: number) => control<RemotePull>('POST', at(id, `/pulls/${number}/reopen`)),

    changeApp: (body: {
      permissions?: Record<string, string>
      setupUrl?: string | null
      callbackUrls?: string[]
      asksUser?: boolean
      hook?: Partial<AppHook>
    }) => control<unknown>('PATCH', 'app', body),
    setPerson: (person: Person) => control<unknown>('PUT', 'person', person),
    /** What becomes of deliveries from now on; without an argument they all arrive. */
    setHookWeather: (weather: Partial<HookWeather> = {}) => control<unknown>('PUT', 'hook-weather', weather),
    releaseDeliveries: (order: 'same' | 'reverse' = 'same') =>
      control<{ released: number }>('POST', 'deliveries/release', { order }),
    readDeliveries: () =>
      control<{ held: number; underWay: number; deliveries: RemoteDelivery[] }>('GET', 'deliveries'),

    /** Null: it is over. */
    setOutage: (outage: Partial<Outage> | null) => control<unknown>('PUT', 'outage', { outage }),
    setRateLimit: (rateLimit: RateLimit | null) => control<unknown>('PUT', 'rate-limit', { rateLimit }),
    setQuota: (left: number) => control<unknown>('PUT', 'quota', { left }),
    setLatency: (latency: { api?: number; git?: number }) => control<unknown>('PUT', 'latency', latency),
    setClock: (offsetMs: number) => control<unknown>('PUT', 'clock', { offsetMs }),
    setLimits: (limits: { fileBytesMax?: number; fileBytesGood?: number; contentCallsPerMinute?: number }) =>
      control<unknown>('PUT', 'limits', limits),
    holdPushes: (held: boolean) => control<unknown>('PUT', 'hold-pushes', { held }),
    expireTokens: () => control<unknown>('POST', 'tokens/expire'),
    readCalls: () => control<string[]>('GET', 'calls'),
  }
}
