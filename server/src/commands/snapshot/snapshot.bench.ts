/**
 * How long a snapshot of 1, 10 and 100 changed files of 10 KB takes in trees of 1,000 and 10,000, beside an open
 * `git fast-import` and the writers of isomorphic-git, in turns in one run. Ours is measured three times: objects and
 * pack alone, synced to a repository on disk as fast-import's are; and the whole snapshot with real PostgreSQL under
 * it, from the claim to the acknowledged commit, once with texts that stand ready beside the states, as they do at
 * quiet moments, once with texts that have to be made from the log.
 */
import { documentLogQueries, openDatabase } from '@skein/db'
import { copyTemplate, startTestServer } from '@skein/db/testing/server'
import pg from 'pg'
import {
  type ChangedFile,
  type CommitWriter,
  makeProse,
  openFastImport,
  openGitModel,
  openIsomorphicGit,
} from './testing/commit-writers.ts'
import { makeRepository } from './testing/odd-repository.ts'
import { buildSnapshotWorld, git, type ProjectWorld } from './testing/snapshot-world.ts'

const fileBytes = 10_000
const filesPerFolder = 50
const treeSizes = [1_000, 10_000]
const changeSizes = [1, 10, 100]
const rounds = 9
const goalOfFastImport = 1
const goalOfIsomorphicGit = 0.5

const postgres = await startTestServer({ isDurable: true })
const { address, superuserAddress } = await copyTemplate(postgres)
const database = openDatabase(address)
const pool = new pg.Pool({ connectionString: superuserAddress, max: 2 })
const ask = async <Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
  (await pool.query<Row>(text, [...values])).rows
const world = buildSnapshotWorld({ database, ask })
const ana = await world.person('Ana')

let missed = 0
let lines = 0
for (const size of treeSizes) {
  const source = makeRepository(world.folder, [listFiles(size)])
  const writers = [
    openFastImport(source, world.folder),
    await openIsomorphicGit(source, world.folder),
    openGitModel(source, world.folder),
  ]
  const project = await world.project('importing')
  await project.import(source)
  await project.snapshot()
  process.stdout.write(
    `\nTree of ${size.toLocaleString('en')} files of ${fileBytes / 1000} KB; ms, median of ${rounds} (least to most)\n`,
  )
  for (const changed of changeSizes) await compare(size, changed, writers, project)
  for (const writer of writers) {
    await writer.close()
    const complaints = git(writer.directory, ['fsck', '--connectivity-only', '--no-dangling']).toString()
    if (complaints !== '') throw new Error(`${writer.name}: ${complaints}`)
  }
  const complaints = await project.fsck()
  if (complaints !== '') throw new Error(complaints)
}
process.stdout.write(`\n${missed === 0 ? 'every goal met' : `${missed} goals missed`}\n`)
world.close()
await pool.end()
await database.close()
await postgres.stop()

function listFiles(size: number) {
  return Array.from({ length: size }, (_, n) => ({
    path: Buffer.from(pathOf(n)),
    mode: '100644' as const,
    content: makeProse(`file ${n}`, fileBytes),
  }))
}

function pathOf(n: number): string {
  return `src/part-${String(Math.floor(n / filesPerFolder)).padStart(3, '0')}/file-${String(n).padStart(5, '0')}.ts`
}

async function compare(
  size: number,
  changed: number,
  writers: readonly CommitWriter[],
  project: ProjectWorld,
): Promise<void> {
  const documents = await project.documents()
  const timesByName = new Map<string, number[]>()
  const time = async (name: string, work: () => Promise<unknown>) => {
    const began = performance.now()
    await work()
    const times = timesByName.get(name) ?? []
    timesByName.set(name, [...times, performance.now() - began])
  }
  // The first round warms everything up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const paths = Array.from({ length: changed }, (_, n) => pathOf((n * 97 + round * 31) % size))
    const files = await edit(project, documents, paths, true)
    for (const writer of writers) await time(writer.name, () => writer.commit(files))
    await time('the whole snapshot, texts ready', () => project.snapshot())
    await edit(project, documents, paths, false)
    await time('the whole snapshot, texts made from the log', () => project.snapshot())
    if (round === 0) timesByName.clear()
  }
  report(changed, timesByName)
}

/** Types a line into the middle of each file; returns the files as they are then. */
async function edit(
  project: ProjectWorld,
  documents: Awaited<ReturnType<ProjectWorld['documents']>>,
  paths: readonly string[],
  isReady: boolean,
): Promise<ChangedFile[]> {
  const files: ChangedFile[] = []
  for (const path of paths) {
    const document = documents.get(path)?.documentId
    if (!document) throw new Error(`${path} has no document`)
    let content = ''
    await project.edit(`person:${ana.userId}` as never, document, (text) => {
      text.insert(Math.floor(text.length / 2), `a line that somebody typed, number ${lines++}\n`)
      content = text.toString()
    })
    files.push({ path, content: Buffer.from(content) })
    if (!isReady) continue
    const [{ head = 0 } = {}] = await ask<{ head: number }>('select head from document where id = $1', [document])
    await documentLogQueries.saveText(database.log, document, { epoch: 1, seq: Number(head) }, content)
  }
  return files
}

function report(changed: number, timesByName: ReadonlyMap<string, number[]>): void {
  process.stdout.write(`  ${changed} changed\n`)
  for (const [name, times] of timesByName) {
    const sorted = times.toSorted((a, b) => a - b)
    process.stdout.write(
      `    ${name.padEnd(46)} ${show(median(times))} (${show(sorted[0] ?? 0)} to ${show(sorted.at(-1) ?? 0)})\n`,
    )
  }
  const [fastImport = [], isomorphicGit = [], model = [], ready = [], rebuilt = []] = [...timesByName.values()]
  for (const [name, ours] of [
    ['objects and pack', model],
    ['whole snapshot, texts ready', ready],
    ['whole snapshot, texts made', rebuilt],
  ] as const) {
    judge(`${name} of fast-import`, median(ours) / median(fastImport), goalOfFastImport)
    judge(`${name} of isomorphic-git`, median(ours) / median(isomorphicGit), goalOfIsomorphicGit)
  }
}

function judge(what: string, ratio: number, goal: number): void {
  const isMet = ratio <= goal
  if (!isMet) missed++
  process.stdout.write(`      ${what}: ${ratio.toFixed(2)} (goal ${goal}: ${isMet ? 'met' : 'missed'})\n`)
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

function show(ms: number): string {
  return ms.toFixed(1).padStart(6)
}
