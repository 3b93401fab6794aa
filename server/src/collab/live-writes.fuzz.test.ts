/**
 * People and programs at two nodes on one file, at random: everybody types characters that nothing else holds, programs write whole texts and edits
 * against revisions that they read long ago and elsewhere, rows are compacted under them. What people typed is there at the end.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestDatabase } from '@skein/db/testing'
import type { Revision } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import { compactDocument } from '../commands/history/compact-document.ts'
import type { LiveText, WriteOutcome } from '../commands/live-documents.ts'
import { MACHINE_CLOCK } from './clock.ts'
import { openDocument, type TestClient, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { RelayNetwork } from './testing/memory-relay.ts'
import { startCollab, type TestCollab } from './testing/server.ts'
import { readTruth } from './testing/truth.ts'

const SEEDS = (process.env.FUZZ_SEEDS ?? '1,2,3').split(',').map(Number)
const WRITES = Number(process.env.FUZZ_STEPS ?? 40)

const { database, ask } = await createTestDatabase()
const network = new RelayNetwork(MACHINE_CLOCK)
const nodes: TestCollab[] = []
for (const name of ['a', 'b']) nodes.push(await startCollab(database, { relay: network.connect(name) }))
const project = await addProject(ask)
afterAll(() => Promise.all(nodes.map((node) => node.stop())))

/** A linear congruential generator: what is chosen is repeatable, when it happens is the machine's. */
const randomFrom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
type Random = ReturnType<typeof randomFrom>
const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)] as T

const WORDS = ['red', 'blue', 'green', 'a longer phrase', 'x', 'line\n', '', 'two\nlines\n']

const typeAlong = (random: Random, page: TestClient, first: number) => {
  let next = first
  const typed: string[] = []
  const timer = setInterval(() => {
    if (random(3) === 0) return
    const letters = String.fromCharCode(next++)
    typed.push(letters)
    page.text.insert(random(page.text.length + 1), letters)
  }, 4)
  return () => {
    clearInterval(timer)
    return typed
  }
}

const rewrite = (random: Random, text: string): string =>
  text
    .split(/(\s+)/)
    .map((token) => (random(12) === 0 ? pick(random, WORDS) : token))
    .join('')

test.each(SEEDS)('AE1, AE5: seed %i: programs at two nodes take nothing from people', async (seed) => {
  const random = randomFrom(seed)
  const start = Array.from({ length: 30 }, (_, n) => `line ${n} is ${pick(random, WORDS.slice(0, 5))}\n`).join('')
  const document = await addDocument(ask, project, start)
  const people = [await addPerson(ask, project, 'Ana', 'editor'), await addPerson(ask, project, 'Ben', 'editor')]
  const program = await addPerson(ask, project, 'Program', 'editor')
  const pages = people.map(({ token }, n) => openDocument({ url: (nodes[n] as TestCollab).url, token, document }))
  await untilSaved(...pages)
  const hands = pages.map((page, n) => typeAlong(randomFrom(seed * 10 + n), page, 0xe000 + n * 0x0c00))
  const reads: LiveText[] = []
  const outcomes = new Map<string, number>()
  const count = (outcome: WriteOutcome) => {
    const kinds = outcome.outcome === 'written' ? outcome.hunks.map(({ result }) => result.outcome) : [outcome.outcome]
    for (const kind of kinds) outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1)
  }
  const writeOnce = async (): Promise<void> => {
    const live = pick(random, nodes).collab.liveDocuments
    const now = (await live.read([document])).get(document)
    if (now) reads.push(now)
    const base = pick(random, reads.slice(-10))
    // A program may remove what it has read, typed by people or not: that is no loss, but could not be told from one here.
    const wanted = rewrite(random, base.text)
    const kept = [...base.text].filter((letter) => letter >= '\ue000' && letter <= '\uf7ff')
    if (!kept.every((letter) => wanted.includes(letter))) return
    const quote = base.text.split('\n')[random(20)] ?? ''
    const edits = [{ oldText: quote, newText: `${quote} ${pick(random, WORDS)}` }]
    const isQuote = random(3) === 0 && quote !== ''
    const request = { document, writer: { actor: program.actor, run: randomUUID() }, isRetry: false }
    const outcome = await live.write({
      ...request,
      read: base.revision as Revision,
      wanted: isQuote ? { edits } : { text: wanted },
      waitMs: random(4) === 0 ? 200 : 0,
      checkRight: async () => {},
    })
    count(outcome)
    if (random(8) === 0) await compactDocument(database, document)
    await sleep(random(5))
  }
  for (let n = 0; n < WRITES / 2; n++) await Promise.all([writeOnce(), writeOnce()])
  const typed = hands.flatMap((stop) => stop())
  await untilSaved(...pages)
  const { text } = await readTruth(ask, document)
  await until(() => pages.every((page) => page.text.toString() === text), 'everybody has the text of the database')
  for (const page of pages) page.destroy()
  expect(typed.length).toBeGreaterThan(10)
  expect(typed.filter((letter) => !text.includes(letter))).toEqual([])
  // It did something.
  expect((outcomes.get('applied') ?? 0) + (outcomes.get('rebased') ?? 0)).toBeGreaterThan(0)
  expect(outcomes.get('stale') ?? 0).toBe(0)
})
