/**
 * What a stale write costs before it touches the document: the difference, the way of its hunks through the journal, the search for a quote. Each
 * beside a floor: the least that anybody could do with the same text.
 */
import { diffToHunks } from '@skein/merge'
import type { ActorKey } from '@skein/protocol'
import * as Y from 'yjs'
import { planHunks } from './apply.ts'
import { listHunks } from './edit-list.ts'
import { type JournalEntry, toChanges } from './journal.ts'
import { applyTextEdits } from './text-edit.ts'

const ROUNDS = 15
const ENTRIES = 5_000

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number

/** Medians of interleaved rounds, and whether the ratio is within the goal. */
const compare = (name: string, goal: number, floor: () => unknown, work: () => unknown): void => {
  const times = { floor: [] as number[], work: [] as number[] }
  const time = (values: number[], call: () => unknown) => {
    const from = performance.now()
    call()
    values.push(performance.now() - from)
  }
  for (let n = 0; n < ROUNDS; n++) {
    time(times.floor, floor)
    time(times.work, work)
  }
  const [least, took] = [median(times.floor), median(times.work)]
  const ratio = took / least
  const verdict = ratio <= goal ? 'met' : 'missed'
  const figures = `${took.toFixed(2)} ms and ${least.toFixed(2)} ms, ratio ${ratio.toFixed(1)}`
  process.stdout.write(`${name}: ${figures}, goal ${goal}: ${verdict}\n`)
}

const lines = Array.from({ length: 5_000 }, (_, n) => `line ${n} of a file with words in it, as files have them\n`)
const base = lines.join('')
const wanted = lines.map((line, n) => (n % 120 === 0 ? line.replace('words', 'other words') : line)).join('')
const hunks = diffToHunks(base, wanted)
const splitLines = (text: string) => text.split(/\n/)
compare(
  `difference of 5,000 lines, ${hunks.length} hunks, beside finding the ends of the lines`,
  8,
  () => [splitLines(base), splitLines(wanted)],
  () => diffToHunks(base, wanted),
)

/** Somebody types 5,000 characters all over the text. */
const entries: JournalEntry[] = []
let current = base
for (let n = 0; n < ENTRIES; n++) {
  const at = (n * 7_919) % current.length
  const changes = toChanges([{ from: at, insert: 'x' }], current.length)
  entries.push({ changes, author: { actor: `person:${n % 2}` as ActorKey }, at: n })
  current = `${current.slice(0, at)}x${current.slice(at)}`
}
const twenty = hunks.slice(0, 20)
compare(
  "20 hunks through 5,000 changes, beside CodeMirror's own mapping of their edges",
  3,
  () => {
    const edges = twenty.flatMap(({ at, remove }) => [at, at + remove])
    for (const { changes } of entries) for (const [i, edge] of edges.entries()) edges[i] = changes.mapPos(edge, 1)
  },
  () => planHunks({ base, hunks: twenty, entries, current, run: 'run' }),
)

const large = base.repeat(Math.floor((4 * 1024 * 1024) / base.length))
const other = large.replaceAll('line', 'Zeile').replaceAll('words', 'Worten')
compare(
  '4 MiB of which each line is another, beside finding the ends of the lines',
  20,
  () => [splitLines(large), splitLines(other)],
  () => diffToHunks(large, other),
)
compare(
  'a quote that 4 MiB do not hold, and all that resembles it, beside finding the ends of the lines',
  20,
  () => splitLines(large),
  () => listHunks(large, [{ oldText: 'line 4 of a file without words\nand nothing like it\n', newText: '' }]),
)

const prose = 'Lorem ipsum “dolor” sit amet – consectetur é.\n'.repeat(20_000)
const markers = Array.from({ length: 20 }, (_, n) => `“marker ${n}”`)
compare(
  '20 quotes with other signs in 1 MiB, beside 20 times finding the ends of the lines',
  10,
  () => markers.map(() => splitLines(prose)),
  () =>
    listHunks(
      `${prose}${markers.join('\n')}`,
      markers.map((_, n) => ({ oldText: `"marker ${n}"`, newText: 'x' })),
    ),
)

const formatted = Array.from({ length: 19_000 }, (_, n) => `${n} aa bb cc dd ee ff`).join('\n')
const renamed = formatted.replaceAll('cc', 'xx').replaceAll('ff', 'yy')
const few = diffToHunks(formatted, renamed)
const newText = () => {
  const text = new Y.Doc().getText('content')
  text.insert(0, formatted)
  return text
}
const writeHunks = (hunks: typeof few) => {
  const text = newText()
  text.doc?.transact(() => applyTextEdits(text, hunks))
}
compare(
  `two words on each of 19,000 lines in the document, ${few.length} hunks, beside 200 of them`,
  15,
  () => writeHunks(few.slice(0, 200)),
  () => writeHunks(few),
)
