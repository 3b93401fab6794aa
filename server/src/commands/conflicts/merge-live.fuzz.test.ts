/**
 * People at real sockets of two nodes, online and offline, while pulls arrive and conflicts are decided, at random: everybody types letters that nothing
 * else holds. At the end each of them is in the live text or in what a conflict has as ours, and everybody has the same text.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { SKEIN } from '@skein/protocol'
import { expect, test } from 'vitest'
import { type TestClient, until, untilSaved } from '../../collab/testing/client.ts'
import { readTruth } from '../../collab/testing/truth.ts'
import { createConflictWorld } from './testing/conflict-world.ts'
import {
  changeLines,
  firstLetter,
  lettersIn,
  pick,
  type Random,
  randomFrom,
  randomText,
} from './testing/random-texts.ts'

const SEEDS = (process.env.FUZZ_SEEDS ?? '1,2').split(',').map(Number)
const PULLS = Number(process.env.FUZZ_STEPS ?? 8)

const world = await createConflictWorld()
const { ask, addText, sitDown, merge, conflicts, decide, beginPull, ana, ben } = world

/** Types, deletes what nobody typed, and goes offline now and then, until it is told to stop. */
const keepTyping = (random: Random, page: TestClient, first: number) => {
  const typed: string[] = []
  const timer = setInterval(() => {
    const { text } = page
    const at = random(text.length + 1)
    const choice = random(40)
    if (choice === 0) page.socket.disconnect()
    else if (choice < 4) void page.socket.connect()
    else if (choice < 8 && lettersIn(text.toString().slice(at, at + 2)).length === 0)
      text.delete(at, Math.min(2, text.length - at))
    else if (choice < 30) {
      const letter = String.fromCharCode(first + typed.length)
      typed.push(letter)
      text.insert(at, letter)
    }
  }, 5)
  return async () => {
    clearInterval(timer)
    void page.socket.connect()
    await untilSaved(page)
    return typed
  }
}

test.each(SEEDS)(
  'CF2, CF5, CF9: seed %i: beside people who type, pulls and decisions take nothing from them',
  async (seed) => {
    const random = randomFrom(seed)
    let base = randomText(random, 20)
    const file = await addText(changeLines(random, base))
    // On a slow machine people may be at every line before the first pull comes; this one finds some of them alone.
    const first = changeLines(random, base)
    await merge(file, { base, theirs: first })
    base = first
    const people = [ana, ben, ana]
    const pages: TestClient[] = []
    for (const person of people) pages.push(await sitDown(file, person))
    const hands = pages.map((page, n) => keepTyping(randomFrom(seed * 10 + n), page, firstLetter + n * 0x0800))
    const outcomes = { conflicts: 0 }
    for (let pulls = 0; pulls < PULLS; pulls++) {
      const [pull, theirs] = [await beginPull(), changeLines(random, base)]
      const policy = pick(random, ['ask', 'ask', 'ours', 'theirs'] as const)
      // A text that changes too fast is left to the next try, as the worker does.
      for (let isRetry = false; ; isRetry = true) {
        const outcome = await merge(file, { base, theirs }, { pull, policy, isRetry }).catch(() => null)
        if (outcome && (isRetry || random(3) > 0)) break
      }
      for (const { id, state } of await conflicts(file)) {
        outcomes.conflicts++
        if (state !== 'open' || random(2) === 0) continue
        const choice = pick(random, ['ours', 'theirs', 'both', 'current'] as const)
        const by = pick(random, people)
        // Under somebody who types in the same words it is given up.
        await decide(id, choice, { by, closes: random(2) === 0 }).catch(() => {})
      }
      base = theirs
      await sleep(random(60))
    }
    const typed = (await Promise.all(hands.map((stop) => stop()))).flat()
    let truth = await readTruth(ask, file.documentId)
    const isSame = async () => {
      for (const { socket } of pages) if (socket.status === 'disconnected') void socket.connect()
      truth = await readTruth(ask, file.documentId)
      return pages.every((page) => page.isSaved && page.text.toString() === truth.text)
    }
    await until(isSame, 'everybody has the text of the database')
    const { text, frames } = truth
    const kept = new Set(lettersIn([text, ...(await conflicts(file)).map(({ ours }) => ours?.text ?? '')].join('')))
    expect(typed.filter((letter) => !kept.has(letter))).toEqual([])
    // It did something.
    expect(typed.length).toBeGreaterThan(50)
    expect(frames.some(({ actor }) => actor === SKEIN)).toBe(true)
    expect(outcomes.conflicts).toBeGreaterThan(0)
  },
)
