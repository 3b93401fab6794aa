/**
 * What the stand-in for GitHub remembers: accounts' installations of the one App, repositories, tokens, and the weather (outages,
 * rate limits, the clock). All of it lives in memory and dies with the process; only the bare repositories stand on disk.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'

export type Permissions = Record<string, 'read' | 'write'>

export interface Installation {
  id: number
  account: string
  permissions: Permissions
  repositoryIds: number[]
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
  /** Branch → the sentences of GH013, as rulesets print them. */
  rules: Record<string, string[]>
  /** GitHub lets a branch be forced unless somebody forbade it; here it is forbidden unless a test allows it, because Skein never forces. */
  allowForcePushes: boolean
}

export interface Token {
  value: string
  installationId: number
  repositoryIds: number[]
  permissions: Permissions
  expiresAt: number
}

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
  appId: number
  slug: string
  privateKey: string
  publicKey: KeyObject
  installations: Map<number, Installation>
  repositories: Map<number, Repository>
  tokens: Map<string, Token>
  outage: Outage | null
  rateLimit: RateLimit | null
  /** API calls left in this hour, shown in every answer. */
  quotaLeft: number
  clockOffsetMs: number
  /** `METHOD path → status` of every call, for tests that count them. */
  calls: string[]
  nextId: number
}

/** Makes an empty GitHub with one App, whose private key is made anew each time. */
export function createWorld(dataDir: string): World {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const privateKey = pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  return {
    dataDir,
    appId: 4711,
    slug: 'skein-test',
    privateKey,
    publicKey: createPublicKey(pair.publicKey.export({ type: 'spki', format: 'pem' })),
    installations: new Map(),
    repositories: new Map(),
    tokens: new Map(),
    outage: null,
    rateLimit: null,
    quotaLeft: 5000,
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
