/**
 * Random changes on both sides, brought together by a pull and by the real `git merge`: where Git merges without a conflict so do we, to the very
 * same tree; where it does not, something waits for a person, and in either case nothing that was typed here is gone. Git's guess that a folder was
 * renamed is switched off: it moves files that nobody moved.
 */
import { createTestDatabase } from '@skein/db/testing'
import type { Oid } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import { startCollab } from '../../collab/testing/server.ts'
import { buildPullWorld, type LinkedProject } from './testing/pull-world.ts'

const seed = Number(process.env.SEED ?? 20_261_120)
const trials = Number(process.env.TRIALS ?? 15)

const database = await createTestDatabase()
const collab = await startCollab(database.database)
const world = await buildPullWorld(database, collab.collab.liveDocuments)
const ana = world.ana.userId
afterAll(async () => {
  await collab.stop()
  await world.close()
})

type Random = (below: number) => number

/** Small numbers from a seed (mulberry32). */
function makeRandom(start: number): Random {
  let state = start >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const pick = <T>(random: Random, all: readonly T[]): T => all[random(all.length)] as T

/** Every line of every file is unlike all others, so that Git's guesses about renames leave no doubt. */
const makeText = (name: string, random: Random): string =>
  Array.from({ length: 6 + random(20) }, (_, n) => `${name} has line ${n} with ${random(2 ** 30).toString(36)}\n`).join(
    '',
  )

/** Changes some lines, and tells what was typed. */
function editLines(text: string, random: Random, tokens: string[]): string {
  const lines = text.split('\n').slice(0, -1)
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const token = `typed ${random(2 ** 30).toString(36)}`
    const at = random(lines.length + 1)
    const kind = random(3)
    if (kind === 0) lines.splice(at, 0, token)
    else if (kind === 1) lines.splice(at, 1, token)
    else lines.splice(at, 1)
    if (kind !== 2) tokens.push(token)
  }
  return lines.map((line) => `${line}\n`).join('')
}

function changeTheirs({ remote }: LinkedProject, random: Random): void {
  const paths = remote.git('ls-files').split('\n').filter(Boolean)
  for (let changes = 1 + random(6); changes > 0; changes--) {
    const path = pick(random, paths)
    const isThere = remote.git('ls-files', '--', path) !== ''
    const kind = random(10)
    if (kind === 0) remote.commit({ [`added${random(4)}.md`]: makeText('theirs', random) })
    else if (!isThere) continue
    else if (kind === 1) remote.commit({ [path]: null })
    else if (kind === 2) {
      remote.move(path, `theirs${random(100)}/${path.replaceAll('/', '-')}`)
      remote.commit({})
    } else if (kind === 3) {
      remote.git('update-index', '--chmod=+x', path)
      remote.commit({})
    } else remote.commit({ [path]: editLines(remote.git('show', `HEAD:${path}`).concat('\n'), random, []) })
  }
}

async function changeOurs(linked: LinkedProject, random: Random): Promise<string[]> {
  const tokens: string[] = []
  const { project } = linked
  for (let changes = random(6); changes > 0; changes--) {
    const path = pick(random, await linked.paths())
    const kind = random(10)
    const isTaken = async (name: string) => (await linked.paths()).includes(name)
    if (kind === 0) {
      const name = `added${random(4)}.md`
      if (!(await isTaken(name))) await project.create(world.ana, name, makeText('ours', random))
    } else if (kind === 1) await project.remove(world.ana, await linked.idOf(path))
    else if (kind === 2)
      await project.move(world.ana, await linked.idOf(path), `ours${random(2 ** 20)}/${path.replaceAll('/', '-')}`)
    else if (kind === 3) await project.makeExecutable(world.ana, await linked.idOf(path))
    else await linked.edit(ana, path, (text) => editLines(text, random, tokens))
    if (random(3) === 0) await project.snapshot()
  }
  await project.snapshot()
  // What was typed and deleted again by ours is not theirs to keep.
  const live = [...(await project.live()).values()].join('')
  return tokens.filter((token) => live.includes(token))
}

/** The tree that Git makes of both, and whether it had no conflict. */
async function mergeWithGit(
  linked: LinkedProject,
  ours: Oid,
  theirs: Oid,
): Promise<{ tree: string; isClean: boolean }> {
  const settings = ['-c', 'merge.directoryRenames=false', '-c', 'merge.renames=true']
  const merge = linked.project.git(...settings, 'merge-tree', '--write-tree', '--messages', ours, theirs)
  return merge.then(
    (output) => ({ tree: output.slice(0, 40), isClean: true }),
    (error: { status?: number }) => {
      if (error.status !== 1) throw error
      return { tree: '', isClean: false }
    },
  )
}

test('PL4: a pull comes to what `git merge` comes to, and loses nothing that was typed', {
  timeout: 600_000,
}, async () => {
  const seen = { clean: 0, conflicts: 0 }
  for (let trial = 0; trial < trials; trial++) {
    const random = makeRandom(seed + trial)
    const about = `SEED=${seed + trial} TRIALS=1`
    const names = Array.from({ length: 5 + random(4) }, (_, n) => (n % 2 === 0 ? `file${n}.md` : `folder/file${n}.md`))
    const linked = await world.shared(Object.fromEntries(names.map((name) => [name, makeText(name, random)])))
    changeTheirs(linked, random)
    const tokens = await changeOurs(linked, random)
    const ours = (await linked.project.head()) as Oid
    const theirs = linked.remote.head()
    const outcome = await linked.merged()
    const git = await mergeWithGit(linked, ours, theirs)
    expect(outcome.conflicts === 0, `${about}: ${JSON.stringify(await linked.conflicts())}`).toBe(git.isClean)
    const tree = await linked.project.git('rev-parse', 'HEAD^{tree}')
    if (git.isClean) expect(tree, about).toBe(git.tree)
    const live = [...(await linked.project.live()).values()].join('')
    for (const token of tokens) expect(live.includes(token), `${about}: ${token}`).toBe(true)
    const committed = await linked.project.committed()
    for (const [path, bytes] of await linked.project.live())
      expect(committed.get(path), `${about}: ${path}`).toEqual(bytes)
    await linked.project.git('merge-base', '--is-ancestor', theirs, 'HEAD')
    expect(await linked.project.fsck(), about).toBe('')
    seen[git.isClean ? 'clean' : 'conflicts']++
    linked.remote.remove()
  }
  if (trials >= 15) expect(Math.min(seen.clean, seen.conflicts)).toBeGreaterThan(1)
})
