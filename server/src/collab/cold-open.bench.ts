/**
 * Opening a document with a long history: a paper of 260,000 edits, of which nobody has a copy in memory. Beside stock Hocuspocus, which keeps
 * such a document as one row, and beside the floor, which sends those bytes and understands nothing. Ours looks at the token and the rights of
 * whoever comes; the others ask nobody.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeOpening, encodeUpdateFrames } from '@skein/document'
import { SKEIN } from '@skein/protocol'
import * as Y from 'yjs'
import { Audience } from './bench/audience.ts'
import { isQuick, Measure, median, ms, reportGoal } from './bench/figures.ts'
import type { BenchServer } from './bench/servers.ts'
import { replayTrace, TRACE } from './bench/trace.ts'
import { createBenchWorld } from './bench/world.ts'
import { applyPicture } from './document-picture.ts'

const TAIL = 1_000
const ROUNDS = isQuick ? 1 : 5
/** Documents that one server opens, one after the other; the first is opened by code that has never run. */
const DOCUMENTS = 10

const replayed = replayTrace()
if (!replayed) {
  process.stdout.write(`  skipped: ${TRACE} is missing\n`)
  process.exit(0)
}
const { doc, endContent } = replayed
const world = await createBenchWorld()
await world.ask('create table hocuspocus (name text primary key, state bytea not null, stores int not null default 1)')

const ways = ['skein', 'skein with a tail', 'hocuspocus-pg', 'raw bytes'] as const
type Way = (typeof ways)[number]
const first = new Map<Way, number[]>(ways.map((way) => [way, []]))
const later = new Map<Way, number[]>(ways.map((way) => [way, []]))
for (let round = 0; round < ROUNDS; round++) for (const way of ways) await measure(way)

for (const way of ways) {
  process.stdout.write(
    `  ${way}: first ${ms(median(first.get(way) ?? []))}, later ${ms(median(later.get(way) ?? []))}\n`,
  )
}
for (const [name, times] of [
  ['first document of a process', first],
  ['later documents', later],
] as const) {
  const of = (way: Way) => median(times.get(way) ?? [])
  const row = new Measure(`260,000 edits, ${name} | connect to synced, ms`)
  row.add('skein', of('skein'))
  row.add('relay', of('raw bytes'))
  row.add('hocuspocus-pg', of('hocuspocus-pg'))
  row.print()
  reportGoal(`${name}: connect to synced beside stock Hocuspocus`, of('skein') / of('hocuspocus-pg'), 1 / 3)
  reportGoal(`${name}: connect to synced beside raw bytes`, of('skein') / of('raw bytes'), 2)
}
// The apply alone: what else an opening takes is the same for both.
const tail = typeOn(TAIL).map((update, n) => ({ seq: n + 1, payload: encodeUpdateFrames([{ actor: SKEIN, update }]) }))
const state = Y.encodeStateAsUpdateV2(doc)
const applies = { none: [] as number[], tail: [] as number[] }
for (let n = 0; n < 40; n++) {
  for (const [name, rows] of [
    ['none', []],
    ['tail', tail],
  ] as const) {
    const from = performance.now()
    applyPicture(new Y.Doc(), { state, rows })
    applies[name].push(performance.now() - from)
  }
}
reportGoal(`a tail of ${TAIL} rows, on the apply`, median(applies.tail) / median(applies.none), 1.2)
await world.stop()

/** One fresh server, which has answered before but opened nothing. */
async function measure(way: Way): Promise<void> {
  const documents = await makeDocuments(way)
  const server = await startServer(way)
  const audience = new Audience(world, server)
  try {
    await sleep(1_000)
    for (const [n, document] of documents.entries()) {
      const { ms } = await audience.open([{ document, writers: 0, viewers: 1 }])
      if (n === 0) first.get(way)?.push(ms)
      else later.get(way)?.push(ms)
      await audience.leave()
      // What it does afterwards is not in the way of the next one.
      await sleep(200)
    }
  } finally {
    await audience.stop()
    await server.stop()
  }
}

async function makeDocuments(way: Way): Promise<string[]> {
  if (way !== 'skein' && way !== 'skein with a tail') {
    const names = Array.from({ length: DOCUMENTS }, () => crypto.randomUUID())
    await world.ask('insert into hocuspocus (name, state) select n, $2 from unnest($1::text[]) as t (n)', [
      names,
      Buffer.from(Y.encodeStateAsUpdate(doc)),
    ])
    return names
  }
  const documents = await world.addDocuments(DOCUMENTS, { text: endContent, state: Y.encodeStateAsUpdateV2(doc) })
  // As compaction leaves it.
  await world.ask(
    `update document_state set checksum = crc32c(state), opening = $2, opening_checksum = crc32c($2), opening_of = crc32c(state)
     where document_id = any($1)`,
    [documents, Buffer.from(encodeOpening(doc) as Uint8Array)],
  )
  if (way === 'skein with a tail') {
    const payloads = typeOn(TAIL).map((update) =>
      Buffer.from(encodeUpdateFrames([{ actor: world.people[0]?.actor ?? SKEIN, update }])),
    )
    await world.ask(
      `insert into document_update (document_id, seq, workspace_id, payload, checksum)
       select d, p.seq, $3, p.payload, crc32c(p.payload)
       from unnest($1::uuid[]) as t (d), unnest($2::bytea[]) with ordinality as p (payload, seq)`,
      [documents, payloads, world.project.workspaceId],
    )
    await world.ask('update document set head = $2 where id = any($1)', [documents, TAIL])
  }
  return documents
}

/** Updates of so many letters that somebody types at the end. */
function typeOn(letters: number): Uint8Array[] {
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  const updates: Uint8Array[] = []
  copy.on('update', (update: Uint8Array) => updates.push(update))
  for (let n = 0; n < letters; n++) copy.getText('text').insert(copy.getText('text').length, 'x')
  return updates
}

async function startServer(way: Way): Promise<BenchServer> {
  if (way === 'skein' || way === 'skein with a tail') return world.start('skein')
  if (way === 'hocuspocus-pg') return world.start('hocuspocus-pg')
  const child = fork(path.join(import.meta.dirname, 'bench/raw-bytes.ts'), [world.superuserAddress])
  const [{ port }] = await once(child, 'message')
  return {
    kind: 'relay',
    port,
    pid: child.pid ?? 0,
    dialect: 'y-websocket',
    cpu: () => 0,
    memory: async () => process.memoryUsage(),
    stop: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
