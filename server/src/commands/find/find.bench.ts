/**
 * Find in a project of 10,000 texts of 10 KB with real live documents: literals and expressions, seldom and everywhere. The floors, turn by turn
 * in the same run: one SQL query that looks for the same literal, one that reads all the texts (an expression without a literal must see them),
 * and `grep` over the same texts as files in the page cache. Beside the times: how long the event loop was held, and the memory it took.
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { openDatabase } from '@skein/db'
import { type FindQuery, FindQuery as FindQuerySchema, type ProjectId, type WorkspaceId } from '@skein/protocol'
import { createSearchThreads } from '../../adapters/search/search-threads.ts'
import { median, reportGoal } from '../../collab/bench/figures.ts'
import { createBenchWorld } from '../../collab/bench/world.ts'
import { startCollab } from '../../collab/testing/server.ts'
import { findInProject } from './find-in-project.ts'

const files = 10_000
const textCharacters = 10_000
const rounds = 5
/** Files with something that stands nowhere else. */
const seldom = 10
const word = 'Ringelgans'

const world = await createBenchWorld()
const folder = await mkdtemp(path.join(tmpdir(), 'skein-find-bench-'))
const project = world.project as unknown as { projectId: ProjectId; workspaceId: WorkspaceId }
await fillProject()
const db = openDatabase(world.address)
const collab = await startCollab(db)
const deps = { db, documents: collab.collab.liveDocuments, searchers: createSearchThreads() }
const run = promisify(execFile)

/** All answers one after the other, as the page takes them. */
async function findAll(query: Partial<FindQuery>): Promise<number> {
  const parsed = FindQuerySchema.parse({ limit: 200, ...query })
  let found = 0
  for (let after = ''; ; ) {
    const { items, ended, last } = await findInProject(deps, project, parsed, after, new AbortController().signal)
    found += items.length
    if (ended === 'complete') return found
    after = last
  }
}
async function findFirst(query: Partial<FindQuery>): Promise<number> {
  const parsed = FindQuerySchema.parse(query)
  return (await findInProject(deps, project, parsed, '', new AbortController().signal)).items.length
}
const sql = async (condition: string, columns = 'document_id'): Promise<number> =>
  (
    await db.log.query(`select ${columns} from document_state where workspace_id = $1 and ${condition}`, [
      project.workspaceId,
    ])
  ).length
const grep = async (...args: string[]): Promise<number> => {
  const { stdout } = await run('grep', ['-rl', ...args, folder], {
    maxBuffer: 64e6,
    env: { LC_ALL: 'C.UTF-8', PATH: '/usr/bin:/bin' },
  })
  return stdout.split('\n').length - 1
}

interface Case {
  name: string
  find(): Promise<number>
  floor(): Promise<number>
  floorName: string
  grep(): Promise<number>
  /** Of the SQL query, or in milliseconds. */
  goal: number
  isAbsolute?: true
}
const cases: Case[] = [
  {
    name: `literal, in ${seldom} files`,
    find: () => findAll({ query: word, caseSensitive: true }),
    floor: () => sql(`position('${word}' in text) > 0`),
    floorName: 'position() in one SQL query',
    grep: () => grep('-F', word),
    goal: 1.5,
  },
  {
    name: `literal in any case, in ${seldom} files`,
    find: () => findAll({ query: word.toUpperCase() }),
    floor: () => sql(`text ilike '%${word}%'`),
    floorName: 'ilike in one SQL query',
    grep: () => grep('-Fi', word),
    goal: 1.5,
  },
  {
    name: `expression with a literal in it, in ${seldom} files`,
    find: () => findAll({ query: 'Ringel[a-z]+s\\b', regex: true, caseSensitive: true }),
    floor: () => sql(`text ~ 'Ringel[a-z]+s\\M'`),
    floorName: '~ in one SQL query',
    grep: () => grep('-E', 'Ringel[a-z]+s\\b'),
    goal: 1.5,
  },
  {
    name: `expression without one, in ${seldom} files`,
    find: () => findAll({ query: '[R][i]ngel\\w+', regex: true, caseSensitive: true }),
    floor: () => sql('true', 'document_id, text'),
    floorName: 'reading all texts in one SQL query',
    grep: () => grep('-E', '[R][i]ngel\\w+'),
    goal: 1.5,
  },
  {
    name: 'literal that stands in all files, first answer',
    find: () => findFirst({ query: 'geese', caseSensitive: true }),
    floor: () => sql(`position('geese' in text) > 0 limit 50`, 'document_id, text'),
    floorName: '50 texts with it in one SQL query',
    grep: () => grep('-F', 'geese'),
    goal: 100,
    isAbsolute: true,
  },
]

for (const one of cases) {
  const times = { find: [] as number[], floor: [] as number[], grep: [] as number[] }
  const held: number[] = []
  let bytesMax = 0
  const expected = await one.grep()
  for (let round = -1; round < rounds; round++) {
    await time(times.floor, round, one.floor)
    await time(times.grep, round, one.grep)
    ;(globalThis as { gc?: () => void }).gc?.()
    const before = process.memoryUsage.rss()
    const watch = monitorEventLoopDelay({ resolution: 1 })
    const sample = setInterval(() => {
      bytesMax = Math.max(bytesMax, process.memoryUsage.rss() - before)
    }, 20)
    watch.enable()
    const found = await time(times.find, round, one.find)
    watch.disable()
    clearInterval(sample)
    if (round >= 0) held.push(watch.max / 1e6)
    if (found !== expected && !one.name.includes('first')) throw new Error(`${one.name}: ${found} of ${expected} files`)
  }
  const ratio = median(times.find) / median(times.floor)
  process.stdout.write(
    `${one.name}: ${ms(times.find)}; ${one.floorName} ${ms(times.floor)}, grep ${ms(times.grep)}; ` +
      `loop held at most ${median(held).toFixed(1)} ms, memory +${(bytesMax / 1e6).toFixed(0)} MB\n`,
  )
  if (one.isAbsolute) reportGoal(`${one.name}, in ms`, median(times.find), one.goal)
  else reportGoal(`${one.name}, of the SQL query`, ratio, one.goal)
}

await collab.stop()
await db.close()
await world.stop()
await rm(folder, { recursive: true })
process.exit()

async function time(times: number[], round: number, work: () => Promise<number>): Promise<number> {
  const started = performance.now()
  const result = await work()
  if (round >= 0) times.push(performance.now() - started)
  return result
}

function ms(values: readonly number[]): string {
  return `${median(values).toFixed(0)} ms`
}

/** Prose of seeded words, as different as files are, on disk and in the database. */
async function fillProject(): Promise<void> {
  let state = 7
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) % below
  }
  const words = Array.from({ length: 4_000 }, () =>
    Array.from({ length: 3 + random(7) }, () => String.fromCharCode(97 + random(26))).join(''),
  )
  const rows = Array.from({ length: files }, (_, index) => ({ index, id: randomUUID(), file: randomUUID() }))
  for (let from = 0; from < files; from += 250) {
    const batch = rows.slice(from, from + 250).map((row) => ({ ...row, text: writeText(row.index) }))
    const at = path.join(folder, `part-${from}`)
    await mkdir(at)
    for (const { index, text } of batch) await writeFile(path.join(at, `${index}.md`), text)
    await world.ask(
      `with row as (select * from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[]) as r (d, f, p, t)),
         f as (insert into file (id, workspace_id, project_id, path, path_key, kind, bytes, document_id, eol, created_by, changed_by)
               select f, $1, $2, p, p, 'text', length(t), d, 'lf', 'skein', 'skein' from row),
         d as (insert into document (id, workspace_id, project_id, file_id) select d, $1, $2, f from row)
       insert into document_state (document_id, workspace_id, text) select d, $1, t from row`,
      [
        project.workspaceId,
        project.projectId,
        batch.map(({ id }) => id),
        batch.map(({ file }) => file),
        batch.map(({ index }) => `part-${from}/${index}.md`),
        batch.map(({ text }) => text),
      ],
    )
  }
  await world.ask('analyze')

  function writeText(index: number): string {
    const lines = [`# ${index} geese`]
    let characters = 0
    while (characters < textCharacters) {
      const line = Array.from({ length: 12 }, () => words[random(words.length)]).join(' ')
      lines.push(line)
      characters += line.length + 1
    }
    if (index % (files / seldom) === 0) lines.splice(50, 0, `Eine ${word}.`)
    return `${lines.join('\n')}\n`
  }
}
