/**
 * Where histories crossed they have several best common ancestors, and none of them alone holds all that both sides know. As Git's own merge does, they
 * are merged with each other first, and that is the base. What they disagree about in lines stays between marks, which no side has, so that it is asked
 * about where the sides differ; where they disagree about a whole file, the base has what was before.
 */
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { Oid } from '@skein/protocol'
import type { BarePlace } from './bare-repository.ts'

/** The best common ancestors of `one` and of a merge of all `others`, in Git's order; none: the histories have nothing in common. */
export async function mergeBases(
  { git, directory, signal }: BarePlace,
  one: Oid,
  others: readonly Oid[],
): Promise<Oid[]> {
  const args = ['merge-base', '--all', '--end-of-options', one, ...others]
  const { stdout } = await git.run({ args, directory, signal, accept: [0, 1] })
  return stdout.toString('latin1').split('\n').filter(Boolean) as Oid[]
}

/**
 * A commit whose tree is what these commits make together, always the same for the same ones. No ref names it: it is there as long as the directory
 * is, and made again when it is asked for again.
 */
export async function joinBases(place: BarePlace, bases: readonly Oid[]): Promise<Oid> {
  const [first, ...others] = bases
  if (first === undefined) throw new Error('there are no bases to join')
  let joined = first
  for (const base of others) joined = await writeCommit(place, await mergeTrees(place, joined, base), [joined, base])
  return joined
}

async function mergeTrees(place: BarePlace, one: Oid, other: Oid): Promise<string> {
  const { git, directory, signal } = place
  const args = ['merge-tree', '--write-tree', '-z', '--messages', '--allow-unrelated-histories', one, other]
  const { stdout, exitCode } = await git.run({ args, directory, signal, accept: [0, 1] })
  const [tree = '', ...fields] = stdout.toString('latin1').split('\0')
  return exitCode === 0 ? tree : restore(place, tree, readConflicts(fields))
}

/** Entries of the index (`mode oid stage TAB path`) before the first empty field; then messages: a number, that many paths, what it is, a sentence. */
function readConflicts(fields: readonly string[]): { path: string; before: string | null }[] {
  const messagesAt = fields.indexOf('')
  const before = new Map<string, string | null>()
  for (const entry of fields.slice(0, messagesAt)) {
    const [head = '', name = ''] = split(entry)
    if (!before.has(name)) before.set(name, null)
    if (head.endsWith(' 1')) before.set(name, head.slice(0, -2))
  }
  const inLines = new Set<string>()
  const whole = new Set<string>()
  for (let at = messagesAt + 1; fields[at]; ) {
    const paths = Number(fields[at])
    const what = fields[at + paths + 1] ?? ''
    for (const name of fields.slice(at + 1, at + 1 + paths)) {
      if (what === 'CONFLICT (contents)') inLines.add(name)
      else if (what.startsWith('CONFLICT')) whole.add(name)
    }
    at += paths + 3
  }
  return [...before].flatMap(([name, entry]) =>
    inLines.has(name) && !whole.has(name) ? [] : [{ path: name, before: entry }],
  )
}

function split(entry: string): [string, string] {
  const at = entry.indexOf('\t')
  return [entry.slice(0, at), entry.slice(at + 1)]
}

/** The tree with these paths as they were before both. */
async function restore(
  { git, directory, signal }: BarePlace,
  tree: string,
  entries: readonly { path: string; before: string | null }[],
): Promise<string> {
  if (entries.length === 0) return tree
  const index = path.join(directory, `join-${randomUUID()}.index`)
  const run = async (args: readonly string[], input?: Buffer) =>
    git.run({ args, directory, signal, environment: { GIT_INDEX_FILE: index }, ...(input && { input }) })
  const gone = `0 ${'0'.repeat(40)}`
  const lines = entries.map(({ path: name, before }) => `${before ?? gone}\t${name}\0`)
  try {
    await run(['read-tree', tree])
    await run(['update-index', '--replace', '-z', '--index-info'], Buffer.from(lines.join(''), 'latin1'))
    return (await run(['write-tree'])).stdout.toString('latin1').trim()
  } finally {
    await rm(index, { force: true })
  }
}

async function writeCommit({ git, directory, signal }: BarePlace, tree: string, parents: readonly Oid[]): Promise<Oid> {
  const nobody = 'Skein <skein@localhost> 0 +0000'
  const head = [`tree ${tree}`, ...parents.map((oid) => `parent ${oid}`), `author ${nobody}`, `committer ${nobody}`]
  const args = ['hash-object', '-t', 'commit', '-w', '--stdin']
  const { stdout } = await git.run({ args, directory, signal, input: `${head.join('\n')}\n\nBases\n` })
  return stdout.toString('latin1').trim() as Oid
}
