/**
 * Random trees of several files, changed on both sides, against `git merge-tree`: where Git merges cleanly the trees are the same, and where Git finds a
 * conflict so do we (TM13). Whatever happens, nothing of ours is lost.
 */
import { afterAll, expect, test } from 'vitest'
import { applyPlan } from './testing/apply-plan.ts'
import { executable, MergeOracle, regular, symlink, type TestFile, type TestTree } from './testing/merge-oracle.ts'

const seed = Number(process.env.SEED ?? 20_261_120)
const trials = Number(process.env.TRIALS ?? 250)
const oracle = new MergeOracle()
afterAll(() => oracle.remove())

/** Small numbers from a seed (mulberry32). */
function makeRandom(start: number): (below: number) => number {
  let state = start >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

type Random = ReturnType<typeof makeRandom>
type Live = Map<string, TestFile & { basePath: string | null }>

const basePaths = ['a.txt', 'b.txt', 'docs/c.txt', 'docs/d.txt', 'docs/deep/e.txt', 'f.txt', 'g', 'h.bin']
// Both sides draw from the same few names, so that they meet.
const newPaths = ['n1.txt', 'n2.txt', 'docs/n3.txt', 'docs/deep/n4.txt', 'new/n5.txt', 'n6', 'n6/n7.txt']

// Lines that stand nowhere else: Git and we compare with other algorithms, and agree where lines do not repeat.
const makeLines = (random: Random, name: string) =>
  Array.from({ length: 12 + random(12) }, (_, i) => `${name} ${i} ${random(1e9)}\n`)

function makeBase(random: Random): TestTree {
  const base = new Map<string, TestFile>()
  for (const path of basePaths) {
    if (random(6) === 0) continue
    const content = path.endsWith('.bin') ? `${makeLines(random, path).join('')}\0` : makeLines(random, path).join('')
    base.set(path, { mode: random(5) === 0 ? executable : regular, content })
  }
  return base
}

/** What happened on one side, as `ops` for the counts at the end. */
function change(base: TestTree, random: Random, side: string, ops: Map<string, number>): Live {
  const tree: Live = new Map([...base].map(([path, file]) => [path, { ...file, basePath: path }]))
  for (let count = random(5); count > 0; count--) {
    const paths = [...tree.keys()]
    const path = paths[random(paths.length)]
    const file = path === undefined ? undefined : tree.get(path)
    const op =
      ['edit', 'edit', 'edit', 'rename', 'rename', 'delete', 'mode', 'binary', 'type', 'add', 'add'][random(11)] ?? ''
    if (op === 'add') {
      const added = newPaths[random(newPaths.length)] ?? ''
      if (!isFree(tree, added)) continue
      const content = random(5) === 0 ? `${random(1e9)}\0` : makeLines(random, `${side} ${added}`).join('')
      tree.set(added, { mode: random(6) === 0 ? executable : regular, content, basePath: null })
    } else if (path === undefined || !file) continue
    else if (op === 'delete') tree.delete(path)
    else if (op === 'rename') {
      const to = newPaths[random(newPaths.length)] ?? ''
      if (!isFree(tree, to)) continue
      tree.delete(path)
      tree.set(to, file)
    } else if (!changeFile(file, op, random, side)) continue
    ops.set(op, (ops.get(op) ?? 0) + 1)
  }
  return tree
}

function changeFile(file: TestFile, op: string, random: Random, side: string): boolean {
  if (file.mode === symlink) return false
  switch (op) {
    case 'edit': {
      const lines = file.content.split(/(?<=\n)/)
      lines[random(lines.length - 1)] = `${side} edits ${random(1e9)}\n`
      file.content = lines.join('')
      return true
    }
    case 'mode':
      file.mode = file.mode === regular ? executable : regular
      return true
    case 'binary':
      file.content += `${random(1e9)}\0`
      return true
    case 'type':
      Object.assign(file, { mode: symlink, content: `${side}-${random(2)}` })
      return true
    default:
      throw new Error(`no such operation: ${op}`)
  }
}

const isFree = (tree: Live, path: string): boolean =>
  !tree.has(path) && ![...tree.keys()].some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`))

test(`TM13: ${trials} random trees (seed ${seed})`, () => {
  const random = makeRandom(seed)
  const ops = new Map<string, number>()
  const seen = { clean: 0, conflicts: 0, lost: 0 }
  for (let trial = 0; trial < trials; trial++) {
    const base = makeBase(random)
    const trees = { base, ours: change(base, random, 'ours', ops), theirs: change(base, random, 'theirs', ops) }
    const git = oracle.merge(trees)
    const applied = applyPlan(trees, git.changes, oracle)
    const note = `seed ${seed}, trial ${trial}: ${JSON.stringify(applied.planned)}\n${git.messages}`
    const isClean = applied.conflicts.length + applied.lines === 0
    if (!isClean && git.isClean && losesContent(applied, git.tree)) seen.lost++
    else {
      expect(isClean, note).toBe(git.isClean)
      if (git.isClean) expect(Object.fromEntries(applied.tree), note).toEqual(Object.fromEntries(git.tree))
    }
    checkOursStays(trees.ours, applied, note)
    if (git.isClean) seen.clean++
    else seen.conflicts++
  }
  expect(seen.lost).toBeLessThan(trials / 20)
  for (const count of [seen.clean, seen.conflicts, ...ops.values()]) expect(count).toBeGreaterThan(trials / 20)
})

/** Two renames to one name, of which one meets a change of type: Git 2.39 calls that clean and drops a content (deviation in SPEC.md). */
const losesContent = ({ planned }: ReturnType<typeof applyPlan>, tree: Map<string, string>): boolean =>
  planned.some(({ file, plan }) => {
    const { theirs } = file
    const isListed = plan.conflicts.some(({ what }) => what === 'both-type')
    return isListed && theirs !== null && ![...tree.values()].some((line) => line.endsWith(theirs.oid))
  })

/** Whatever is in conflict stands as it was here. */
function checkOursStays(ours: Live, { planned, tree }: ReturnType<typeof applyPlan>, note: string): void {
  for (const { file, plan } of planned) {
    if (!file.ours || plan.action.do !== 'keep') continue
    expect(tree.get(file.ours.path), note).toContain(file.ours.oid)
    expect(ours.has(file.ours.path), note).toBe(true)
  }
}
