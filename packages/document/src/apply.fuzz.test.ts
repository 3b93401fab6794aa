/**
 * A writer and people on one document, at random: people type between the read and the write and between its passes, into every corner of it, over two replicas. Each
 * character that a person types is unlike any other, so that a lost one is seen.
 */

import { diffToHunks } from '@skein/merge'
import type { ActorKey } from '@skein/protocol'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { type PlannedHunk, planHunks, plannedEdits, standsThere } from './apply.ts'
import { deltaToChanges, Journal, type JournalEntry } from './journal.ts'
import { applyTextEdits, type TextEdit } from './text-edit.ts'

const TRIALS = Number(process.env.FUZZ_TRIALS ?? 3_000)
const SEED = Number(process.env.FUZZ_SEED ?? 20_260)
const RUN = 'the-run'

/** Mulberry32: small, and the same everywhere. */
const randomFrom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below)
  }
}
type Random = ReturnType<typeof randomFrom>

const PIECES = ['red ', 'blue ', 'x', 'one\n', 'two words\n', '\n', '😀', '  indented\n', 'é ', 'end']
const makeText = (random: Random): string =>
  Array.from({ length: random(14) }, () => PIECES[random(PIECES.length)]).join('')

/** What a writer makes of a text: some of its words are others, some lines are new, some are gone. */
const rewrite = (random: Random, text: string): string =>
  (text.match(/\S+|\s+|$/g) ?? [])
    .map((token) => {
      const luck = random(10)
      if (luck === 0) return ''
      if (luck === 1) return PIECES[random(PIECES.length)]
      return luck === 2 ? `${token}${PIECES[random(PIECES.length)]}` : token
    })
    .join('')

interface Tally {
  lost: number
  applied: number
  rebased: number
  review: number
  noop: number
  waiting: number
}

const runTrial = (seed: number, isThere: typeof standsThere, tally: Tally): void => {
  const random = randomFrom(seed)
  const [server, page] = [new Y.Doc(), new Y.Doc()]
  const text = server.getText('text')
  text.insert(0, makeText(random))
  Y.applyUpdate(page, Y.encodeStateAsUpdate(server))
  const journal = new Journal()
  let author: { actor: ActorKey; run?: string } = { actor: 'person:ana' as ActorKey }
  let length = text.length
  text.observe(({ delta }) => {
    const changes = deltaToChanges(delta, length)
    if (!changes) throw new Error('no plain text')
    length = changes.newLength
    journal.append({ changes, author, at: 0 })
  })
  server.on('update', (update: Uint8Array) => Y.applyUpdate(page, update, server))
  page.on('update', (update: Uint8Array, origin: unknown) => origin !== server && Y.applyUpdate(server, update))

  const base = text.toString()
  const mark = journal.mark()
  const hunks = diffToHunks(base, rewrite(random, base))
  const people = { typed: new Set<string>(), next: 0xe000 }
  typeSome(random, page.getText('text'), people)
  const untouched = text.toString() === base
  /** One pass of the engine over the hunks that are left; those on whose lines was typed last wait. */
  const pass = (left: readonly TextEdit[], typing: readonly JournalEntry[], isRetry = false): PlannedHunk[] => {
    const entries = journal.since(mark)
    if (!entries) throw new Error('the journal does not reach back')
    const current = text.toString()
    const planned = planHunks({ base, hunks: left, entries, current, run: RUN, typing, isRetry }, isThere)
    author = { actor: 'person:ben' as ActorKey, run: RUN }
    server.transact(() => applyTextEdits(text, plannedEdits(planned)))
    author = { actor: 'person:ana' as ActorKey }
    return planned
  }
  const first = pass(hunks, random(2) === 0 ? (journal.since(mark) ?? []).slice(-1) : [])
  typeSome(random, page.getText('text'), people)
  const waiting = first.filter(({ outcome }) => outcome === 'waiting')
  const second = pass(
    waiting.map(({ hunk }) => hunk),
    [],
  )

  const after = text.toString()
  expect(page.getText('text').toString()).toBe(after)
  expect(after.isWellFormed()).toBe(true)
  if ([...people.typed].some((character) => !after.includes(character))) tally.lost++
  for (const plan of [...first, ...second]) {
    if (plan.outcome === 'write') tally[plan.isMoved ? 'rebased' : 'applied']++
    else if (plan.outcome !== 'written') tally[plan.outcome]++
  }
  if (untouched) expect(first.every(({ outcome }) => outcome === 'write')).toBe(true)
  // Tried again after a crash, the run writes nothing twice.
  const written = first.filter(({ outcome }) => outcome === 'write').map(({ hunk }) => hunk)
  expect(plannedEdits(pass(written, [], true))).toEqual([])
}

/** People type unlike anything else, one character of the private use area each, and delete what stands there. */
const typeSome = (random: Random, text: Y.Text, people: { typed: Set<string>; next: number }): void => {
  for (let n = random(6); n > 0; n--) {
    const at = wholeAt(text.toString(), random(text.length + 1))
    if (random(4) === 0 && text.length > 0) {
      const to = wholeAt(text.toString(), Math.min(text.length, at + 1 + random(4)))
      for (const gone of text.toString().slice(at, to)) people.typed.delete(gone)
      if (to > at) text.delete(at, to - at)
      continue
    }
    const characters = Array.from({ length: 1 + random(3) }, () => String.fromCharCode(people.next++))
    for (const character of characters) people.typed.add(character)
    text.insert(at, characters.join(''))
  }
}

const wholeAt = (text: string, at: number): number =>
  at > 0 && at < text.length && /[\udc00-\udfff]/.test(text[at] as string) ? at - 1 : at

const newTally = (): Tally => ({ lost: 0, applied: 0, rebased: 0, review: 0, noop: 0, waiting: 0 })

const runTrials = (isThere = standsThere): Tally => {
  const tally = newTally()
  for (let trial = 0; trial < TRIALS; trial++) {
    try {
      runTrial(SEED + trial, isThere, tally)
    } catch (error) {
      throw new Error(`seed ${SEED + trial}: ${String(error)}`, { cause: error })
    }
  }
  return tally
}

test('AE5: whatever people type meanwhile, no character of theirs is lost, and all replicas are equal', () => {
  const tally = runTrials()
  expect(tally.lost).toBe(0)
  // It did something of every kind.
  for (const kind of ['applied', 'rebased', 'review', 'noop', 'waiting'] as const)
    expect(tally[kind], kind).toBeGreaterThan(0)
})

test('AE5: without the comparison the same trials lose what people typed', () => {
  const tally = newTally()
  for (let trial = 0; trial < TRIALS; trial++) {
    try {
      runTrial(SEED + trial, (_current, from, to) => from <= to, tally)
    } catch {
      // The mutant breaks other promises too.
    }
  }
  expect(tally.lost).toBeGreaterThan(TRIALS / 1000)
})
