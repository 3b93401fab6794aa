/**
 * Sync as the product runs it, against the stand-in for GitHub on the same machine: a push of 1, 10 and 1,000 changed files through the sync job beside
 * `git push` of the same commits to a repository beside it; and in a project of 100 files in which three people type, the time from quiet to pushed
 * and from a delivery's row to the screen of a person, with what it went to, and GitHub's API calls for a commit pushed. `--quick` shows only that it runs.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { deliveryQueries, openDatabase, outboxQueries } from '@skein/db'
import { copyTemplate, startTestServer } from '@skein/db/testing/server'
import pg from 'pg'
import { InstallationTokens } from '../adapters/github/installation-tokens.ts'
import { openDocument, until } from '../collab/testing/client.ts'
import { addPerson } from '../collab/testing/fixtures.ts'
import { workDelivery } from '../commands/deliveries/work-delivery.ts'
import { takeSnapshot } from '../commands/snapshot/snapshot.ts'
import { makeProse } from '../commands/snapshot/testing/commit-writers.ts'
import { git } from '../commands/snapshot/testing/snapshot-world.ts'
import type { SyncDeps } from '../commands/sync/round.ts'
import { NO_SYNC_NEWS } from '../commands/sync/sync-news.ts'
import { syncProject } from '../commands/sync/sync-project.ts'
import { openGithub } from '../testing/world.ts'
import { DeliveryLoop } from './delivery-loop.ts'
import { SnapshotLoop } from './snapshot.ts'
import { SyncLoop } from './sync-loop.ts'
import { buildSyncWorld, type Place } from './testing/sync-world.ts'
import { type TimeShares, timeShares, watchTime } from './testing/time-shares.ts'

const isQuick = parseArgs({ strict: false, options: { quick: { type: 'boolean' } } }).values.quick === true
const treeFiles = isQuick ? 200 : 1_000
const changeSizes = isQuick ? [1, 10, 200] : [1, 10, 1_000]
const fileBytes = 4_000
const pushRounds = isQuick ? 2 : 7
const typicalFiles = 100
const latencyRuns = isQuick ? 3 : 20
/** From quiet to pushed, and from delivery to screen. */
const goalMs = 2_000
/** Shorter than in the product, so that a run takes seconds; rows are asked as often as there. */
const quietMs = 2_000
const keyEveryMs = 150

const postgres = await startTestServer({ isDurable: true })
const { address, superuserAddress } = await copyTemplate(postgres)
const database = openDatabase(address)
const pool = new pg.Pool({ connectionString: superuserAddress, max: 2 })
const ask = async <Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
  (await pool.query<Row>(text, [...values])).rows
const folderOfGithub = await mkdtemp(path.join(tmpdir(), 'skein-bench-github-'))
const github = await openGithub(folderOfGithub)
const { apiUrl, gitUrl, control, app } = github
const world = await buildSyncWorld({ database, ask, address }, { apiUrl, gitUrl, app, control })
const faults: unknown[] = []
const logFault = (error: unknown) => void faults.push(error)
let missed = 0
let lines = 0

watchTime((target) => !target.startsWith('/_control'))
try {
  await comparePushes()
  await measureTypical()
  if (faults.length > 0) throw new AggregateError(faults, 'a loop complained')
} finally {
  await world.close()
  await github.stop()
  await rm(folderOfGithub, { recursive: true, force: true })
  await pool.end()
  await database.close()
  await postgres.stop()
}
process.stdout.write(`\n${missed === 0 ? 'every goal met' : `${missed} goals missed`}\n`)

/** A linked project that holds what its repository held. */
async function makeTree(files: number): Promise<Place> {
  const place = await world.makePlace()
  const names = Array.from({ length: files }, (_, n) => pathOf(n))
  await place.commitThere(names.map((path) => ({ path, content: `${makeProse(path, fileBytes)}\n` })))
  await place.link()
  await syncOnce(world.deps)
  return place
}

function pathOf(n: number): string {
  return `src/part-${String(n % 20).padStart(2, '0')}/file-${String(n).padStart(4, '0')}.md`
}

/** The sync job of whatever is due, from its claim to its settled row. */
async function syncOnce(deps: SyncDeps): Promise<void> {
  const row = await database.onInstance((tx) => outboxQueries.claimSync(tx, 600_000))
  if (row === null) throw new Error('nothing is due')
  await syncProject(deps, row, new AbortController().signal)
}

async function comparePushes(): Promise<void> {
  const place = await makeTree(treeFiles)
  const peer = await makePeer(place)
  await peer()
  process.stdout.write(
    `\nTree of ${treeFiles} files of ${fileBytes / 1000} KB; ms, median of ${pushRounds} (least to most)\n`,
  )
  const deps = { ...world.deps, minIntervalMs: 0 }
  for (const changed of changeSizes) {
    const ours: number[] = []
    const gits: number[] = []
    // The first round warms everything up and is not counted.
    for (let round = 0; round <= pushRounds; round++) {
      for (let n = 0; n < changed; n++) await place.write(pathOf(n), `${makeProse(`${lines++}`, fileBytes)}`)
      const commit = await place.project.snapshot()
      if (round % 2 === 0) gits.push(await peer())
      ours.push(await timed(() => syncOnce(deps)))
      if (round % 2 === 1) gits.push(await peer())
      if ((await place.remoteHead()) !== commit?.oid) throw new Error('the commit was not pushed')
      if (round === 0) ours.length = gits.length = 0
    }
    process.stdout.write(`  ${changed.toLocaleString('en')} changed\n`)
    report('git push', gits)
    report('the sync job, from claim to settled', ours)
    process.stdout.write(`      of git push: ${(median(ours) / median(gits)).toFixed(2)}\n`)
  }
  await place.expectSound()
}

/** Pushes what the project has committed to a second repository, with Git alone; gives how long the push took. */
async function makePeer(place: Place): Promise<() => Promise<number>> {
  const { installationId } = place.repository
  const body = { installationId, name: `peer-${installationId}` }
  const made = await control<{ id: number; owner: string; name: string }>('POST', 'repositories', body)
  const tokens = new InstallationTokens({ apiUrl, readApp: async () => app })
  const directory = `${world.snapshots.folder}/peer.git`
  git(world.snapshots.folder, ['init', '-q', '--bare', directory])
  const never = new AbortController().signal
  return async () => {
    await world.snapshots.store.withDirectory(place.key, async (from) => {
      git(directory, ['fetch', '-q', from, '+refs/heads/main:refs/heads/main'])
    })
    const minted = await tokens.withToken({ installationId, repositoryId: made.id }, 'push', never, async (value) => ({
      ok: true,
      value,
    }))
    if (!minted.ok) throw new Error(`no token: ${minted.failure.kind}`)
    const header = `http.extraHeader=Authorization: Basic ${Buffer.from(`x-access-token:${minted.value}`).toString('base64')}`
    return timed(async () => {
      git(directory, ['-c', header, 'push', '-q', `${gitUrl}/${made.owner}/${made.name}.git`, 'main'])
    })
  }
}

async function measureTypical(): Promise<void> {
  const place = await makeTree(typicalFiles)
  const people = await Promise.all([0, 1, 2].map((n) => sitDown(place, n)))
  const told = { pushed: (_at: number) => {} }
  const news = { ...NO_SYNC_NEWS, pushed: () => told.pushed(performance.now()) }
  const loops = startLoops({ ...world.deps, minIntervalMs: 1_000, news })
  await Promise.all(loops.map((loop) => loop.start()))
  const pushes: Sample[] = []
  const pulls: Sample[] = []
  await oneRun(place, people, told)
  const callsBefore = (await github.readCalls()).length
  const pushesBefore = (await place.pushes()).length
  for (let run = 0; run < latencyRuns; run++) {
    const { pushed, pulled } = await oneRun(place, people, told)
    pushes.push(pushed)
    pulls.push(pulled)
  }
  const calls = (await github.readCalls()).slice(callsBefore).filter((call) => call.includes(' /api/v3/'))
  const commits = (await place.pushes()).length - pushesBefore
  await Promise.all(loops.map((loop) => loop.drain()))
  for (const { client } of people) client.destroy()
  await place.expectSound()
  process.stdout.write(
    `\nA project of ${typicalFiles} files, three people typing; ms, median of ${latencyRuns} (least to most; nine of ten below)\n`,
  )
  reportSamples('from quiet to pushed', pushes)
  reportSamples('from a delivery to the screen', pulls)
  process.stdout.write(
    `    API calls for ${commits} pushes, none of them for a token: ${calls.length} (goal 0: ${verdict(calls.length === 0)})\n`,
  )
}

function startLoops(deps: SyncDeps) {
  const { snapshots } = world
  const nobody = async (): Promise<never> => {
    throw new Error('a push asks for nothing of this')
  }
  const snapshot = (project: Place['key']) =>
    takeSnapshot(snapshots.deps, project, { by: null, message: null, waitMs: 0 })
  return [
    new SnapshotLoop({ database, snapshot, quietMs, maxAgeMs: 600_000, logFault }),
    new SyncLoop({ ...deps, logFault }),
    new DeliveryLoop({
      db: database,
      work: (row, signal) =>
        workDelivery({ db: database, apps: { read: nobody }, account: { readInstallation: nobody } }, row, signal),
      recoverMissed: async () => 0,
      logFault,
    }),
  ]
}

interface Seat {
  path: string
  client: ReturnType<typeof openDocument>
}

/** Somebody with a page of their own, in a file of their own. */
async function sitDown(place: Place, n: number): Promise<Seat> {
  const path = pathOf(n)
  const person = await addPerson(ask, place.key, ['Ana', 'Ben', 'Mei'][n] ?? 'Ana', 'editor')
  const document = (await place.project.documents()).get(path)?.documentId
  if (document === undefined) throw new Error(`${path} has no document`)
  const client = openDocument({ url: world.collabUrl, token: person.token, document })
  await until(() => client.text.length > 0 && client.isSaved, 'the page is open', 60_000)
  return { path, client }
}

interface Sample {
  ms: number
  shares: TimeShares
}

/** Somebody commits on GitHub a line in a file in which somebody types; later all stop, and what they wrote is pushed. */
async function oneRun(
  place: Place,
  people: readonly Seat[],
  told: { pushed: (at: number) => void },
): Promise<{ pushed: Sample; pulled: Sample }> {
  const typing = new AbortController()
  const typists = people.map(({ client }) => keepTyping(client.text, typing.signal))
  await sleep(2 * keyEveryMs)
  const merged = nextPush(told)
  const pulled = await pullOnce(place, people[0] as Seat)
  await merged
  await sleep(4 * keyEveryMs)
  const all = lastPush(place, told)
  typing.abort()
  const stoppedAt = Math.max(...(await Promise.all(typists)))
  await until(() => people.every(({ client }) => client.isSaved), 'everything is saved', 60_000)
  const from = stoppedAt + quietMs
  const to = await all
  return { pulled, pushed: { ms: to - from, shares: timeShares(from, to) } }
}

/** Types at the end of the last line until told to stop; gives when the last letter was typed. */
async function keepTyping(text: Seat['client']['text'], signal: AbortSignal): Promise<number> {
  let at = performance.now()
  while (!signal.aborted) {
    text.insert(text.length - 1, ' word')
    at = performance.now()
    await sleep(keyEveryMs)
  }
  return at
}

async function pullOnce(place: Place, { path, client }: Seat): Promise<Sample> {
  const line = `a line from elsewhere, number ${lines++}`
  const { output } = await control<{ output: string }>('POST', `repositories/${place.repository.repositoryId}/git`, {
    args: ['show', `HEAD:${path}`],
  })
  await place.commitThere([{ path, content: `${line}\n${output.replace(/\n*$/, '\n')}` }])
  const arrived = new Promise<number>((resolve) => {
    const look = () => {
      if (!client.text.toString().includes(line)) return
      client.text.unobserve(look)
      resolve(performance.now())
    }
    client.text.observe(look)
  })
  const from = performance.now()
  await deliveryQueries.receiveDelivery(database.instance, {
    id: randomUUID(),
    event: 'push',
    action: null,
    installationId: place.repository.installationId,
    repositoryId: place.repository.repositoryId,
    ref: 'refs/heads/main',
  })
  const to = await arrived
  return { ms: to - from, shares: timeShares(from, to) }
}

function nextPush(told: { pushed: (at: number) => void }): Promise<number> {
  return new Promise((resolve) => {
    told.pushed = resolve
  })
}

/** When GitHub confirmed the push after which it has everything that is live. */
async function lastPush(place: Place, told: { pushed: (at: number) => void }): Promise<number> {
  for (;;) {
    const at = await nextPush(told)
    const isEven = (await place.project.dirty()).length === 0
    if (isEven && (await place.project.head()) === (await place.remoteHead())) return at
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

function report(name: string, times: readonly number[]): void {
  process.stdout.write(
    `    ${name.padEnd(46)} ${show(median(times))} (${show(Math.min(...times))} to ${show(Math.max(...times))})\n`,
  )
}

function reportSamples(name: string, samples: readonly Sample[]): void {
  const times = samples.map(({ ms }) => ms)
  const share = (of: keyof TimeShares) => show(median(samples.map(({ shares }) => shares[of]))).trim()
  process.stdout.write(
    `    ${name.padEnd(46)} ${show(median(times))} (${show(Math.min(...times))} to ${show(Math.max(...times))}; ${show(quantile(times, 0.9))})\n` +
      `      of it Git and GitHub ${share('git')}, PostgreSQL ${share('postgres')}, ours and waiting for turns ${share('ours')} (medians)\n` +
      `      goal ${goalMs} ms: ${verdict(median(times) <= goalMs)}\n`,
  )
}

function verdict(isMet: boolean): 'met' | 'missed' {
  if (!isMet) missed++
  return isMet ? 'met' : 'missed'
}

function quantile(times: readonly number[], q: number): number {
  return times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * q))] ?? Number.NaN
}

function median(times: readonly number[]): number {
  return quantile(times, 0.5)
}

function show(ms: number): string {
  return ms.toFixed(1).padStart(8)
}
