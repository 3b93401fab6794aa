/**
 * A push to Skein: received into a folder of its own, checked, and then merged into the live documents as a pull is, with the pushed commit as
 * theirs. It is answered `ok` when the project's branch holds it, and not before. SPEC.md in this folder numbers the rules.
 */
import { commitQueries, projectQueries, repositoryQueries } from '@skein/db'
import { personToActorKey, Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import type { ProjectKey } from '../event-hub.ts'
import type { FetchDirectory } from '../git-store.ts'
import { pullTreeLimits } from '../pull/pull-limits.ts'
import type { PullDeps } from '../pull/pull-project.ts'
import { mergePush } from './merge-push.ts'
import type { Intake, ObjectIntake } from './object-intake.ts'
import { type Judged, judgeCommands, type PushCommand, type Standing } from './push-commands.ts'
import { pushBytesMax } from './receive-limits.ts'
import type { PushTurns } from './turns.ts'

/** Instants at which a test may kill a push, beside those of the pull that it becomes. */
export type PushStep = 'received' | 'checked' | 'claimed' | 'kept'

export interface ReceiveDeps extends Omit<PullDeps, 'remote'> {
  intake: ObjectIntake
  turns: PushTurns
  onPushStep?: (step: PushStep) => Promise<void> | void
}

export interface Push {
  commands: readonly PushCommand[]
  /** Writes the pack that follows the commands; see `Intake`. */
  send: Intake['send']
  /** Reads on to the end of the push without keeping anything. */
  discard: () => Promise<void>
  /** Called when all that the client sends has come, and the wait for the outcome begins. */
  onReceived: () => void
  /** Aborted when the client has gone; from `onReceived` on that changes nothing. */
  signal: AbortSignal
}

/** How a push ended, for Git's report. */
export interface PushReport {
  /** Null: the pack was taken in; otherwise why not. */
  unpack: string | null
  refs: { ref: string; refusal: string | null }[]
  /** For the person. */
  notes: string[]
}

export type Accepted = NonNullable<Judged['accepted']>

/** How the one command that was not refused at once ended. */
export type PushEnd =
  | { state: 'merged'; notes: string[] }
  | { state: 'refused'; reason: string; notes: string[] }
  | { state: 'not-unpacked'; reason: string }

/** Refuses with `unavailable` when other pushes take too long. Rejects on faults of our own, and when the client goes before all has come. */
export async function receivePush(
  deps: ReceiveDeps,
  project: ProjectKey,
  actor: Actor,
  push: Push,
): Promise<PushReport> {
  return deps.turns.take(project.projectId, actor.userId, push.signal, async () => {
    const judged = judgeCommands(push.commands, await readStanding(deps, project))
    const { accepted } = judged
    if (accepted === null) {
      await push.discard()
      push.onReceived()
      return report(push, judged, null)
    }
    const end = await deps.git.withFetchDirectory(project, undefined, (fetched) =>
      takeIn(deps, { project, actor, fetched, accepted }, push),
    )
    return report(push, judged, end)
  })
}

async function readStanding({ db }: ReceiveDeps, { projectId, workspaceId }: ProjectKey): Promise<Standing> {
  return db.inWorkspace(workspaceId, async (tx) => {
    const project = await projectQueries.findProject(tx, projectId)
    if (project?.state !== 'ready') {
      throw new Refusal('unavailable', 'This project is not ready yet. Try again when its import has ended.')
    }
    const head = await repositoryQueries.findRef(tx, projectId, `refs/heads/${project.defaultBranch}`)
    return { branch: project.defaultBranch, head }
  })
}

export interface Arrived {
  project: ProjectKey
  actor: Actor
  fetched: FetchDirectory
  accepted: Accepted
}

async function takeIn(deps: ReceiveDeps, arrived: Arrived, push: Push): Promise<PushEnd> {
  const { directory } = arrived.fetched
  const problem = await deps.intake({ directory, send: push.send, bytesMax: pushBytesMax, signal: push.signal })
  push.onReceived()
  await deps.onPushStep?.('received')
  if (problem !== null) return { state: 'not-unpacked', reason: problem }
  const refusal = await findRefusal(deps, arrived)
  if (refusal !== null) return refusal
  await deps.onPushStep?.('checked')
  return mergePush(deps, arrived, personToActorKey(arrived.actor.userId))
}

/** Looks at what has come: a commit, in front of what the client has seen, with a tree that can be taken over. */
async function findRefusal(deps: ReceiveDeps, arrived: Arrived): Promise<PushEnd | null> {
  const {
    fetched,
    accepted: { from, to },
  } = arrived
  const refuse = (reason: string, ...notes: string[]): PushEnd => ({ state: 'refused', reason, notes })
  if (!(await isCommit(deps, arrived))) return refuse('not a commit')
  if (from !== null && !(await fetched.isAncestor(from, to))) {
    return refuse(
      'non-fast-forward',
      'Skein takes no forced pushes: what others have would be lost. Merge or rebase onto what is here, then push.',
    )
  }
  const hidden = await fetched.findHidden(to)
  if (hidden !== null) {
    return refuse(
      'missing objects',
      `It needs the object ${hidden}, which did not come with it and is not part of the project’s branch.`,
    )
  }
  const problem = await fetched.findProblem(to, pullTreeLimits)
  return problem === null ? null : refuse('too large or not readable', `It cannot be taken over. ${problem}`)
}

/** What is new names itself in the list of commits; what was here already, as after a kill, is among the rows. */
async function isCommit({ db }: ReceiveDeps, { project, fetched, accepted: { to } }: Arrived): Promise<boolean> {
  const row = await db.inWorkspace(project.workspaceId, (tx) => commitQueries.findCommit(tx, project.projectId, to))
  if (row !== null) return true
  try {
    for await (const commit of fetched.listCommits(to)) if (commit.oid === to) return true
  } catch (error) {
    // Git cannot walk from what is not there.
    if ((error as Error).name !== 'GitError') throw error
  }
  return false
}

function report({ commands }: Push, { accepted, refusals, notes }: Judged, end: PushEnd | null): PushReport {
  const reason = end === null || end.state === 'merged' ? null : end.state === 'refused' ? end.reason : 'unpacker error'
  const refs = commands.map(({ ref }) => ({
    ref,
    refusal: refusals.get(ref) ?? (ref === accepted?.ref ? reason : null),
  }))
  const unpack = end?.state === 'not-unpacked' ? end.reason : null
  return { unpack, refs, notes: [...notes, ...(end === null || end.state === 'not-unpacked' ? [] : end.notes)] }
}
