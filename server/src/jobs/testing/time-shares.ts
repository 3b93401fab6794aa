/**
 * What a stretch of time went to, for benchmarks: Git (its processes, and requests to GitHub), PostgreSQL (statements under way), and the rest, which is
 * our own work and waiting for turns. Seen from outside, by what Node and the driver tell of themselves, so that nothing measured is changed. Where
 * both are under way it counts as Git; PostgreSQL answers our own statements then.
 */
import type { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import pg from 'pg'

interface Stretch {
  from: number
  /** Infinite while it is under way. */
  to: number
}

export interface TimeShares {
  git: number
  postgres: number
  ours: number
}

const git: Stretch[] = []
const postgres: Stretch[] = []

function begin(stretches: Stretch[]): () => void {
  const stretch = { from: performance.now(), to: Number.POSITIVE_INFINITY }
  stretches.push(stretch)
  return () => {
    stretch.to = performance.now()
  }
}

/** Begins to look; once in a process. `isOurs` tells by its path whether a request over HTTP is one of the product. */
export function watchTime(isOurs: (path: string) => boolean): void {
  subscribe('child_process', (message) => {
    const { process } = message as { process: ChildProcess }
    // It is told of before it has its arguments.
    process.once('spawn', () => {
      if (!isWaitingReader(process)) process.once('close', begin(git))
    })
  })
  const requests = new WeakMap<object, () => void>()
  subscribe('undici:request:create', (message) => {
    const { request } = message as { request: { path: string } }
    if (isOurs(request.path)) requests.set(request, begin(git))
  })
  for (const end of ['undici:request:trailers', 'undici:request:error']) {
    subscribe(end, (message) => requests.get((message as { request: object }).request)?.())
  }
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function watched(this: pg.Client, ...args: unknown[]) {
    const end = begin(postgres)
    const answer = Reflect.apply(query, this, args) as unknown
    if (answer instanceof Promise) answer.then(end, end)
    else end()
    return answer
  } as typeof query
}

/** It stays, and answers when it is asked for an object; that counts as ours. */
const isWaitingReader = ({ spawnargs }: ChildProcess): boolean => spawnargs.includes('--batch')

/** The shares of the time between two instants of `performance.now()`, in ms. What is older is forgotten. */
export function timeShares(from: number, to: number): TimeShares {
  const inGit = lengthOf([git], from, to)
  const inEither = lengthOf([git, postgres], from, to)
  for (const stretches of [git, postgres]) {
    stretches.splice(0, stretches.length, ...stretches.filter((stretch) => stretch.to > to))
  }
  return { git: inGit, postgres: inEither - inGit, ours: to - from - inEither }
}

function lengthOf(kinds: readonly Stretch[][], from: number, to: number): number {
  let length = 0
  let covered = from
  for (const stretch of kinds.flat().toSorted((a, b) => a.from - b.from)) {
    const end = Math.min(stretch.to, to)
    if (end <= covered) continue
    length += end - Math.max(stretch.from, covered)
    covered = end
  }
  return length
}
