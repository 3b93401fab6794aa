/**
 * Pulls of random texts, without people: the outcome is that of `git merge-file`. And with somebody who types between the reading and the writing, and
 * decides: no letter is lost, except without AE5.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { standsThere } from '@skein/document'
import { expect, test } from 'vitest'
import { createStoredDocuments } from '../../api/testing/stored-documents.ts'
import { createTestFolder, testSearchPath } from '../../testing/world.ts'
import type { LiveDocuments, WriteRequest } from '../live-documents.ts'
import { createConflictWorld, type TextFile } from './testing/conflict-world.ts'
import {
  changeLines,
  firstLetter,
  lettersIn,
  pick,
  type Random,
  randomFrom,
  randomText,
} from './testing/random-texts.ts'

const SEEDS = (process.env.FUZZ_SEEDS ?? '1,2,3').split(',').map(Number)
const TRIALS = Number(process.env.FUZZ_STEPS ?? 15)

const world = await createConflictWorld()
const { ask, addText, merge, conflicts, decide, beginPull, ana } = world
const folder = await createTestFolder()

/** What Git makes of it, with one side wherever both changed. */
const mergeFile = (texts: { ours: string; base: string; theirs: string }, side: 'ours' | 'theirs' | 'none') => {
  for (const [name, text] of Object.entries(texts)) writeFileSync(path.join(folder, name), text)
  const args = ['merge-file', '-p', ...(side === 'none' ? [] : [`--${side}`]), 'ours', 'base', 'theirs']
  const env = { PATH: testSearchPath, HOME: folder } as unknown as NodeJS.ProcessEnv
  try {
    return { text: execFileSync('git', args, { cwd: folder, env, stdio: 'pipe' }).toString(), isClean: true }
  } catch (error) {
    return { text: String((error as { stdout: Buffer }).stdout), isClean: false }
  }
}

test.each(SEEDS)(
  'CF1: seed %i: while nobody types, a pull makes what git merge-file makes, under every policy',
  async (seed) => {
    const random = randomFrom(seed)
    let [clean, conflicting] = [0, 0]
    for (let trial = 0; trial < TRIALS; trial++) {
      const base = randomText(random, 6 + random(10))
      const texts = { base, ours: changeLines(random, base), theirs: changeLines(random, base) }
      const policy = pick(random, ['ask', 'branch', 'ours', 'theirs'] as const)
      const file = await addText(texts.ours)
      const outcome = await merge(file, texts, { policy })
      const expected = mergeFile(texts, policy === 'theirs' ? 'theirs' : 'ours')
      expect(await world.read(file), JSON.stringify(texts)).toBe(expected.text)
      const { isClean } = mergeFile(texts, 'none')
      const rows = await conflicts(file)
      expect(rows.length === 0, JSON.stringify(texts)).toBe(isClean)
      const isOpen = policy === 'ask' || policy === 'branch'
      expect(outcome).toMatchObject({ conflicts: isOpen ? rows.length : 0 })
      expect(rows.every(({ state }) => state === (isOpen ? 'open' : 'resolved'))).toBe(true)
      if (isClean) clean++
      else conflicting++
    }
    expect(Math.min(clean, conflicting)).toBeGreaterThan(0)
  },
)

/** Somebody who types whenever a program has read and is about to write. */
const typingBefore = (documents: LiveDocuments, random: Random, typed: string[]) => ({
  read: documents.read,
  place: documents.place,
  write: async (request: WriteRequest) => {
    const { document } = request
    for (let n = random(3); n > 0; n--) {
      const text = (await documents.read([document])).get(document)?.text ?? ''
      const letter = String.fromCharCode(firstLetter + typed.length)
      typed.push(letter)
      await documents.write({
        document,
        writer: { actor: ana.actor, run: `typed ${letter}` },
        read: null,
        wanted: { edits: [{ at: random(text.length + 1), remove: 0, insert: letter }] },
        waitMs: 0,
        isRetry: false,
        checkRight: async () => {},
      })
    }
    return documents.write(request)
  },
})

/** Three pulls into one text, with decisions between; gives the letters that are nowhere any more. */
const pullThrice = async (seed: number, isThere: typeof standsThere) => {
  const random = randomFrom(seed)
  const stored = createStoredDocuments(world, isThere)
  const typed: string[] = []
  const documents = typingBefore(stored, random, typed)
  const policy = pick(random, ['ask', 'ask', 'branch', 'ours', 'theirs'] as const)
  let base = randomText(random, 6 + random(8))
  const file: TextFile = await addText(changeLines(random, base))
  let listed = 0
  for (let pulls = 0; pulls < 3; pulls++) {
    const [pull, theirs] = [await beginPull(), changeLines(random, base)]
    await merge(file, { base, theirs }, { pull, policy, deps: { documents } })
    if (random(4) === 0) await merge(file, { base, theirs }, { pull, policy, isRetry: true, deps: { documents } })
    for (const { id, state } of await conflicts(file)) {
      if (state !== 'open' || random(2) === 0) continue
      const choice = pick(random, ['ours', 'theirs', 'both', 'current'] as const)
      // Under somebody who types in the same words each time it is given up.
      await decide(id, choice, { closes: random(2) === 0, deps: { documents } }).catch(() => {})
    }
    base = theirs
    listed = (await conflicts(file)).length
  }
  const text = (await stored.read([file.documentId])).get(file.documentId)?.text ?? ''
  const kept = new Set(lettersIn([text, ...(await conflicts(file)).map(({ ours }) => ours?.text ?? '')].join('')))
  await ask('delete from conflict where document_id = $1', [file.documentId])
  return { typed: typed.length, listed, lost: typed.filter((letter) => !kept.has(letter)) }
}

test.each(SEEDS)(
  'CF2, CF9: seed %i: whatever is typed into pulls and decisions is in the text or in a conflict',
  async (seed) => {
    const sums = { typed: 0, listed: 0 }
    for (let trial = 0; trial < TRIALS; trial++) {
      const { typed, listed, lost } = await pullThrice(seed * 1_000 + trial, standsThere)
      expect(lost, `seed ${seed * 1_000 + trial}`).toEqual([])
      sums.typed += typed
      sums.listed += listed
    }
    expect(sums.typed).toBeGreaterThan(TRIALS)
    expect(sums.listed).toBeGreaterThan(TRIALS)
  },
)

test('CF5: seed 12003: a second try under policy theirs keeps what was typed since the first', async () => {
  expect((await pullThrice(12_003, standsThere)).lost).toEqual([])
})

test('CF2: without AE5 letters are lost', async () => {
  let lost = 0
  for (let trial = 0; trial < 40 && lost === 0; trial++) lost = (await pullThrice(trial, () => true)).lost.length
  expect(lost).toBeGreaterThan(0)
})
