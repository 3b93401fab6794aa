/**
 * Mutated frames at both doors, before and after somebody was let in: none ends the process, none leaves a document that cannot be read, and
 * what memory holds is what the rows hold. `FUZZ_FRAMES=1000000 npm run test:fuzz -- gate` makes a million and tells how long the longest
 * call took, in CPU time, and how memory fared.
 */
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { FrameMaker, randomFrom } from './testing/fuzz-frames.ts'
import { FuzzWorld, type Line, TOKENS } from './testing/fuzz-world.ts'
import { encodeAddress } from './wire.ts'

const FRAMES = Number(process.env.FUZZ_FRAMES ?? 8_000)
const SEED = Number(process.env.FUZZ_SEED ?? 20_26)
const FRAMES_PER_ROUND = 1_000
const LINES = 12
const TEXTS = ['', 'a text with 😀 in it\n', 'line\n'.repeat(50)]

/** One round with documents and lines of its own, on a node that goes on. */
async function fuzz(world: FuzzWorld, random: () => number, seed: number): Promise<number> {
  const make = new FrameMaker(random)
  const documents = TEXTS.map((text) => world.store.add(text))
  const seeds = documents.map((document) => Y.encodeStateAsUpdate(world.store.replay(document)))
  const updates = seeds.map((state) => make.updates(state, [11, 2 ** 31 + 5, 2 ** 32 - 1]))
  const connect = (): Line => {
    const token = make.pick([...TOKENS, 'nobody'])
    if (make.below(3) === 0) return world.connect('yjs', make.pick(documents), token)
    const line = world.connect('collab')
    // Some are mutated before anybody knows them, most after.
    for (const [i, document] of documents.entries()) {
      if (make.below(3) === 0) continue
      for (const body of make.opening(token, seeds[i] as Uint8Array)) {
        line.receive(Buffer.concat([encodeAddress(document), body]))
      }
    }
    return line
  }
  const lines = Array.from({ length: LINES }, connect)
  for (let n = 0; n < FRAMES_PER_ROUND; n++) {
    const at = make.below(LINES)
    const line = lines[at] as Line
    const which = make.below(TEXTS.length)
    const body = make.body(updates[which] as Uint8Array[], seeds[which] as Uint8Array)
    line.receive(line.door === 'yjs' ? make.mutateSometimes(body) : make.frame(documents, body))
    if (!line.isOpen) lines[at] = connect()
    // Now and then the node gets a moment to load, commit and answer; else frames come in one burst.
    if (make.below(16) === 0) await world.settle()
  }
  for (const line of lines) line.close()
  await world.settle()
  let edited = 0
  for (const [i, document] of documents.entries()) {
    const { inMemory, inRows } = world.look(document)
    if (inMemory !== null) expect(inMemory, `seed ${seed}: memory and rows of a document`).toBe(inRows)
    if (inRows !== TEXTS[i]) edited++
  }
  await world.forget(documents)
  return edited
}

const countRefusals = async ({ metrics }: FuzzWorld): Promise<Record<string, number>> => {
  const counts = (await metrics.render()).text.matchAll(/refused_total\{reason="(.*?)"\} (\d+)/g)
  return Object.fromEntries([...counts].map(([, reason, count]) => [reason ?? '', Number(count)]))
}

/** A name such as `__proto__` must not become a property of everything. */
const propertiesOfAll = Object.getOwnPropertyNames(Object.prototype)

/** Rounds in which memory and rows parted once: a right neighbour before the left one, and one that only pending structs hid. */
test.each([2_027, 31_137])('GT18: round %i, which failed once, harms nothing', async (seed) => {
  const world = new FuzzWorld(randomFrom(13))
  await world.node.run()
  expect(await fuzz(world, randomFrom(seed), seed)).toBeGreaterThan(0)
  await world.node.stop()
})

test(
  `GT18: ${FRAMES} frames, whole and mutated, harm neither the node nor a document (from seed ${SEED})`,
  async () => {
    const world = new FuzzWorld(randomFrom(SEED))
    await world.node.run()
    const megabytes: number[] = []
    let edited = 0
    for (let n = 0; n * FRAMES_PER_ROUND < FRAMES; n++) {
      edited += await fuzz(world, randomFrom(SEED + n), SEED + n)
      megabytes.push(Math.round(process.memoryUsage().rss / 1e6))
    }
    await world.node.stop()
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(propertiesOfAll)
    // The run did something: documents were written in, and refusals of every kind came.
    expect(edited).toBeGreaterThan(0)
    const refusals = await countRefusals(world)
    const common = ['malformed', 'foreign-client', 'unauthenticated', 'frame-type', 'out-of-bounds']
    expect(Object.keys(refusals)).toEqual(expect.arrayContaining(common))
    if (process.env.FUZZ_FRAMES === undefined) return
    const memory = { early: megabytes[Math.floor(megabytes.length / 10)], last: megabytes.at(-1) }
    process.stdout.write(`${JSON.stringify({ edited, longestCallMs: world.longestMs, memory, refusals })}\n`)
  },
  24 * 60 * 60_000,
)
