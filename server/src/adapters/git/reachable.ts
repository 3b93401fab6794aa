/**
 * What clients may have: the objects that branches reach. A repository holds more (old tips that were set aside, whole commits of a repository of which
 * a folder is linked), and hiding the names of those is not enough, because a client may ask for an object by its oid and may push a tree that names it.
 */
import { mkdir, readFile, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Oid } from '@skein/protocol'
import type { BarePlace } from './bare-repository.ts'
import { GitError, type StartedGit } from './git-program.ts'

/** A partial clone asks for what it looks at, which lies in front; whoever asks for something else has the whole walk made. */
const walkTimeMaxMs = 60_000
/** Objects that a push names and does not bring. A push that goes back to older contents names some. */
const namedMax = 10_000

/**
 * The first of these objects that no branch of the repository reaches, or that was not met on a walk of a minute; null: branches reach them all.
 */
export async function findHidden(place: BarePlace, oids: Iterable<Oid>): Promise<Oid | null> {
  const left = new Set<string>(oids)
  for (const tip of await readTips(place.directory)) left.delete(tip)
  if (left.size === 0) return null
  const args = ['rev-list', '--objects', '--no-object-names', '--branches']
  const walk = place.git.start({ ...place, args, timeMaxMs: walkTimeMaxMs })
  walk.process.stdin.end()
  try {
    for await (const line of readLines(walk)) {
      if (left.delete(line) && left.size === 0) return null
    }
    if (!(await isCutOff(walk))) await expectSuccess(walk, 'rev-list')
  } finally {
    walk.kill()
  }
  return ([...left][0] as Oid | undefined) ?? null
}

/**
 * An object that the pushed commit reaches, and that neither came with the push nor is reached by a branch; null: there is none. The repository holds the
 * pack that came, complete by itself, and borrows everything else.
 */
export async function findHiddenInPush(place: BarePlace, tip: Oid): Promise<Oid | null> {
  const { git, directory } = place
  const came = path.join(directory, '..', 'came')
  await mkdir(came, { recursive: true })
  await symlink(path.join(directory, 'objects/pack'), path.join(came, 'pack'))
  const range = ['--not', '--branches', '--not', '--end-of-options', tip]
  const args = ['rev-list', '--objects', '--no-object-names', ...range]
  const walk = git.start({ ...place, args, timeMaxMs: walkTimeMaxMs })
  walk.process.stdin.end()
  // Asked of the pack alone, so that what is borrowed is missing.
  const look = git.start({
    ...place,
    args: ['cat-file', '--batch-check=%(objectname)', '--buffer'],
    timeMaxMs: walkTimeMaxMs,
    environment: { GIT_OBJECT_DIRECTORY: came },
  })
  const joined = pipeline(walk.process.stdout, look.process.stdin).catch(() => {})
  const named: Oid[] = []
  try {
    for await (const line of readLines(look)) {
      const [oid = '', state] = line.split(' ')
      if (state !== 'missing') continue
      named.push(oid as Oid)
      if (named.length > namedMax) break
    }
    if (named.length <= namedMax) {
      await expectSuccess(walk, 'rev-list')
      await expectSuccess(look, 'cat-file')
    }
  } finally {
    walk.kill()
    look.kill()
    await joined
    await rm(came, { recursive: true, force: true })
  }
  return named.length > namedMax ? (named[0] ?? null) : findHidden(place, named)
}

/** Where branches stand, without a process for it. */
async function readTips(directory: string): Promise<string[]> {
  const refs = await readFile(path.join(directory, 'packed-refs'), 'utf8')
  return [...refs.matchAll(/^([0-9a-f]{40}) refs\/heads\//gm)].map(([, oid = '']) => oid)
}

async function* readLines({ process }: StartedGit): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of process.stdout as AsyncIterable<Buffer>) {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

/** Whether it had to be ended before it was through. */
const isCutOff = ({ ended }: StartedGit): Promise<boolean> =>
  ended.then(
    () => false,
    () => true,
  )

async function expectSuccess(started: StartedGit, command: string): Promise<void> {
  const exitCode = await started.ended
  if (exitCode !== 0) throw new GitError(`git ${command} failed (${exitCode}): ${started.complaint()}`, exitCode)
}
