/**
 * What the stand-in for GitHub remembers: the one App, accounts' installations of it, repositories, pull requests, tokens, and the weather
 * (outages, limits, latency, the clock). All of it lives in memory and dies with the process; only the bare repositories stand on disk.
 */
import { randomBytes } from 'node:crypto'
import { type App, createApp } from './app.ts'
import type { Hooks } from './hook-state.ts'
import { createHooks } from './hook-state.ts'
import type { Rule } from './rules.ts'

export type Permissions = Record<string, 'read' | 'write' | 'admin'>

export interface Installation {
  id: number
  account: string
  permissions: Permissions
  repositoryIds: number[]
  /** `all`: every repository of the account, those of tomorrow too. */
  selection: 'all' | 'selected'
  suspended: boolean
}

export interface Repository {
  id: number
  owner: string
  name: string
  defaultBranch: string
  private: boolean
  archived: boolean
  /** `owner/name` under which it was once known; GitHub redirects those. */
  formerNames: string[]
  /** Branch → the sentences of GH006, as classic branch protection prints them. */
  protectedBranches: Record<string, string[]>
  /** Branch → rules of rulesets: a sentence refuses every push with it, a rule of GitHub's shape is judged. */
  rules: Record<string, (string | Rule)[]>
  /** GitHub lets a branch be forced unless somebody forbade it; here it is forbidden unless a test allows it, because Skein never forces. */
  allowForcePushes: boolean
  /** As GitHub shows it, in kilobytes; 0 of an empty one. */
  sizeKilobytes: number
  pulls: Pull[]
}

export interface Pull {
  number: number
  title: string
  body: string | null
  state: 'open' | 'closed'
  author: string
  head: { ref: string; sha: string }
  base: { ref: string; sha: string }
  createdAt: number
  updatedAt: number
  closedAt: number | null
  mergedAt: number | null
  mergeSha: string | null
  /** GitHub works it out after the first question; null until then, and again after each change. */
  mergeable: boolean | null
  /** Of its conversation, the oldest first. */
  comments: { author: string; body: string }[]
}

export interface Token {
  value: string
  installationId: number
  /** Null: all that the installation reaches. */
  repositoryIds: number[] | null
  permissions: Permissions
  expiresAt: number
}

/** The person at the browser, whom GitHub knows by their session. */
export interface Person {
  login: string
  /** Accounts whose repositories this person administers, the own one first. */
  accounts: string[]
  /** Of those, repositories that the person may only read. */
  readsOnly?: number[]
}

/** Good once, and until then. */
export type Code = { expiresAt: number } & (
  | { kind: 'manifest'; manifest: Record<string, unknown>; owner: string }
  | { kind: 'user' }
)

/** Until it is lifted: every answer is this status, or (null) no answer, the connection is cut. */
export interface Outage {
  on: 'api' | 'git' | 'all'
  status: number | null
}

export type RateLimit =
  | { kind: 'primary'; resetSeconds: number }
  | { kind: 'secondary'; status: 403 | 429; retryAfterSeconds: number | null }

export interface World {
  dataDir: string
  /** Address of the stand-in, known when it listens. */
  origin: string
  app: App
  hooks: Hooks
  installations: Map<number, Installation>
  repositories: Map<number, Repository>
  tokens: Map<string, Token>
  person: Person
  /** Tokens of the person, each good for one sign-in. */
  personTokens: Set<string>
  /** One-time codes of the manifest flow and of sign-in, with what each stands for. */
  codes: Map<string, Code>
  outage: Outage | null
  rateLimit: RateLimit | null
  /** Waited before an answer, in milliseconds. */
  latencyMs: { api: number; git: number }
  /** API calls left in this hour, shown in every answer. */
  quotaLeft: number
  /** When each installation made content, for the secondary limit. */
  contentCalls: Map<number, number[]>
  contentCallsPerMinute: number
  clockOffsetMs: number
  /** `METHOD path → status` of every call, for tests that count them. */
  calls: string[]
  nextId: number
}

/** Makes an empty GitHub with one App, whose private key is made anew each time. */
export function createWorld(dataDir: string): World {
  return {
    dataDir,
    origin: '',
    app: createApp(4711),
    hooks: createHooks(),
    installations: new Map(),
    repositories: new Map(),
    tokens: new Map(),
    person: { login: 'octocat', accounts: ['octocat', 'acme'] },
    personTokens: new Set(),
    codes: new Map(),
    outage: null,
    rateLimit: null,
    latencyMs: { api: 0, git: 0 },
    quotaLeft: 5000,
    contentCalls: new Map(),
    contentCallsPerMinute: 80,
    clockOffsetMs: 0,
    calls: [],
    nextId: 1000,
  }
}

/** Milliseconds since 1970 by the stand-in's own clock, which a test may move. */
export function now(world: World): number {
  return Date.now() + world.clockOffsetMs
}

export function nextId(world: World): number {
  world.nextId += 1
  return world.nextId
}

export function addToken(world: World, token: Omit<Token, 'value' | 'expiresAt'>): Token {
  const entry = { ...token, value: `ghs_${randomBytes(18).toString('hex')}`, expiresAt: now(world) + 3_600_000 }
  world.tokens.set(entry.value, entry)
  return entry
}

export function fullName(repository: Repository): string {
  return `${repository.owner}/${repository.name}`
}

/** The repository of that name now, or the one that has moved away from it. Names are compared without case, as on GitHub. */
export function findRepository(world: World, name: string): { repository: Repository; moved: boolean } | null {
  const wanted = name.toLowerCase()
  const all = [...world.repositories.values()]
  const current = all.find((repository) => fullName(repository).toLowerCase() === wanted)
  if (current !== undefined) return { repository: current, moved: false }
  const former = all.find((repository) => repository.formerNames.some((old) => old.toLowerCase() === wanted))
  return former === undefined ? null : { repository: former, moved: true }
}

/** What an installation reaches at this moment. */
export function repositoriesOf(world: World, installation: Installation): Repository[] {
  const all = [...world.repositories.values()]
  if (installation.selection === 'all') return all.filter(({ owner }) => owner === installation.account)
  return installation.repositoryIds.flatMap((id) => world.repositories.get(id) ?? [])
}

/** Whether a token reaches a repository now: it may have been minted before the repository was taken out of the installation. */
export function reaches(world: World, token: Token, repository: Repository): boolean {
  const installation = world.installations.get(token.installationId)
  if (installation === undefined) return false
  if (token.repositoryIds !== null && !token.repositoryIds.includes(repository.id)) return false
  return repositoriesOf(world, installation).includes(repository)
}

/** The right that a token has now: what was taken from the installation is gone from tokens that it gave out before. */
export function levelOf(world: World, token: Token, permission: string): 'none' | 'read' | 'write' {
  const ranks = { none: 0, read: 1, write: 2, admin: 2 } as const
  const granted = world.installations.get(token.installationId)?.permissions[permission] ?? 'none'
  const own = token.permissions[permission] ?? 'none'
  const rank = Math.min(ranks[granted], ranks[own])
  return rank === 2 ? 'write' : rank === 1 ? 'read' : 'none'
}
