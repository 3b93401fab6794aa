/**
 * How long a pull of 1, 10 and 1,000 changed files of 10 KB takes in a tree of 2,000, beside `git fetch` of the same commit into a bare clone on the
 * same machine; and 1,000 changed files that are merged into live documents in which people have typed. Whole pulls with real PostgreSQL and real
 * live documents under them, from the request to the published commit: the fetch, the check, the merge of every text, the rows, the commit. `--quick`
 * takes a smaller tree.
 */
import { parseArgs } from 'node:util'
import { openDatabase } from '@skein/db'
import { copyTemplate, startTestServer } from '@skein/db/testing/server'
import pg from 'pg'
import { startCollab } from '../../collab/testing/server.ts'
import { makeProse } from '../snapshot/testing/commit-writers.ts'
import { git } from '../snapshot/testing/snapshot-world.ts'
import { buildPullWorld } from './testing/pull-world.ts'

const fileBytes = 10_000
const isQuick = parseArgs({ strict: false, options: { quick: { type: 'boolean' } } }).values.quick === true
const treeFiles = isQuick ? 300 : 2_000
const filesMany = isQuick ? 200 : 1_000
const changeSizes = [1, 10, filesMany]
const rounds = isQuick ? 3 : 5
/** From the request to the published commit, for a push of a person: what is left of two seconds from delivery to screen. */
const goalMs = 2_000
const goalFilesMax = 10

const postgres = await startTestServer({ isDurable: true })
const { address, superuserAddress } = await copyTemplate(postgres)
const database = openDatabase(address)
const pool = new pg.Pool({ connectionString: superuserAddress, max: 2 })
const ask = async <Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
  (await pool.query<Row>(text, [...values])).rows
const collab = await startCollab(database)
const world = await buildPullWorld({ database, ask }, collab.collab.liveDocuments)

const pathOf = (n: number) => `src/part-${String(n % 40).padStart(3, '0')}/file-${String(n).padStart(5, '0')}.ts`
const texts = new Map(
  Array.from({ length: treeFiles }, (_, n) => [pathOf(n), makeProse(`file ${n}`, fileBytes).toString()]),
)
let missed = 0
let lines = 0

const linked = await world.linked()
linked.remote.commit(Object.fromEntries(texts))
const first = await timed(() => linked.merged())
process.stdout.write(
  `\nTree of ${treeFiles.toLocaleString('en')} files of ${fileBytes / 1000} KB; ms, median of ${rounds} (least to most)\n`,
)
process.stdout.write(`  the first pull, of the whole tree                     ${show(first)}\n`)
const clone = `${world.base.folder}/clone.git`
git(world.base.folder, ['clone', '-q', '--bare', linked.remote.directory, clone])
for (const changed of changeSizes) await compare(changed)
await mergeTyped(filesMany)
const complaints = await linked.project.fsck()
if (complaints !== '') throw new Error(complaints)
process.stdout.write(`\n${missed === 0 ? 'every goal met' : `${missed} goals missed`}\n`)
await collab.stop()
await world.close()
await pool.end()
await database.close()
await postgres.stop()

/** Others change a line in the middle of each file, and push. */
function changeThere(changed: number, round: number): string[] {
  const paths = Array.from({ length: changed }, (_, n) => pathOf((n * 7 + round * 31) % treeFiles))
  for (const path of paths)
    texts.set(path, insertLine(texts.get(path) ?? '', 0.5, `a line from elsewhere, number ${lines++}`))
  linked.remote.commit(Object.fromEntries(paths.map((path) => [path, texts.get(path) ?? ''])))
  return paths
}

function insertLine(text: string, part: number, line: string): string {
  const all = text.split('\n')
  all.splice(Math.floor(all.length * part), 0, line)
  return all.join('\n')
}

async function compare(changed: number): Promise<void> {
  const ours: number[] = []
  const gits: number[] = []
  // The first round warms everything up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    changeThere(changed, round)
    gits.push(
      await timed(async () => git(clone, ['fetch', '-q', linked.remote.directory, '+refs/heads/main:refs/heads/main'])),
    )
    ours.push(await timed(() => linked.merged()))
    if (round === 0) ours.length = gits.length = 0
  }
  process.stdout.write(`  ${changed.toLocaleString('en')} changed\n`)
  report('git fetch', gits)
  report('the whole pull', ours)
  process.stdout.write(`      of git fetch: ${(median(ours) / median(gits)).toFixed(1)}\n`)
  if (changed <= goalFilesMax) judge(median(ours))
}

/** Every file has a line that somebody typed and no commit holds. */
async function mergeTyped(changed: number): Promise<void> {
  const paths = changeThere(changed, rounds + 1)
  for (const path of paths) {
    await linked.edit(world.ana.userId, path, (text) => insertLine(text, 0.1, 'a line that somebody typed'))
  }
  const ms = await timed(() => linked.merged())
  process.stdout.write(`  ${changed.toLocaleString('en')} changed files merged into documents that people changed\n`)
  process.stdout.write(
    `    once                                                ${show(ms)}, ${(ms / changed).toFixed(2)} ms a file\n`,
  )
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

function report(name: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b)
  process.stdout.write(
    `    ${name.padEnd(46)} ${show(median(times))} (${show(sorted[0] ?? 0)} to ${show(sorted.at(-1) ?? 0)})\n`,
  )
}

function judge(ms: number): void {
  const isMet = ms <= goalMs
  if (!isMet) missed++
  process.stdout.write(`      (goal ${goalMs} ms: ${isMet ? 'met' : 'missed'})\n`)
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

function show(ms: number): string {
  return ms.toFixed(1).padStart(8)
}
