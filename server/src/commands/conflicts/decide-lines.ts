/**
 * Deciding about lines: the chosen version takes the place of what stands between the anchors now, through the apply engine, so that it can remove
 * nothing that was not looked at (AE5). What stood there and is no version is kept as ours, so that nobody's words go with it.
 */
import { randomUUID } from 'node:crypto'
import { conflictQueries, projectQueries } from '@skein/db'
import { Refusal } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { Anchors, LiveText } from '../live-documents.ts'
import { actorOf, type DecideDeps, type Decision, personOf, refuseDecided } from './decide-conflict.ts'
import { tellConflicts, tellDecided } from './tell-conflicts.ts'

type Row = conflictQueries.ConflictRow

/** A decision that takes longer met a machine that has died. */
const CLAIM_MS = 30_000
/** How often the lines may change under a decision before it is given up. */
const TRIES_MAX = 5

export async function decideLines(deps: DecideDeps, project: ProjectKey, row: Row, decision: Decision): Promise<void> {
  const { projectId, workspaceId } = project
  const by = actorOf(decision)
  await claim(deps, project, row, decision)
  try {
    await decision.checkRight()
    if (decision.choice !== 'current') await putVersion(deps, project, row, { ...decision, choice: decision.choice })
    if (decision.closes) await close(deps, project, row, decision)
  } finally {
    await deps.db.inWorkspace(workspaceId, (tx) => conflictQueries.releaseConflict(tx, projectId, row.id, by))
  }
}

async function claim({ db }: DecideDeps, { projectId, workspaceId }: ProjectKey, row: Row, decision: Decision) {
  const claimed = await db.inWorkspace(workspaceId, (tx) =>
    conflictQueries.claimConflict(tx, projectId, row.id, actorOf(decision), CLAIM_MS),
  )
  if (!claimed) throw await refuseNow(db, { projectId, workspaceId }, row)
  if (claimed.isOurs) return
  throw new Refusal('request-in-progress', `${claimed.name ?? 'Somebody'} is deciding about this at this moment.`, {
    hint: 'Look at it again in a moment. Nothing was changed.',
    details: { id: row.id },
  })
}

async function close({ db, record }: DecideDeps, project: ProjectKey, row: Row, decision: Decision): Promise<void> {
  const isDone = await db.inWorkspace(project.workspaceId, async (tx) => {
    await projectQueries.lockProject(tx, project.projectId)
    const asked = { choice: decision.choice, by: actorOf(decision) }
    if (!(await conflictQueries.resolveConflict(tx, project.projectId, row.id, asked))) return false
    await tellDecided(record, tx, project, { path: row.path, by: personOf(decision) })
    return true
  })
  if (!isDone) throw await refuseNow(db, project, row)
}

async function refuseNow(db: DecideDeps['db'], { projectId, workspaceId }: ProjectKey, row: Row): Promise<Refusal> {
  const now = await db.inWorkspace(workspaceId, (tx) => conflictQueries.findConflict(tx, projectId, row.id))
  return refuseDecided(now ?? row)
}

type Choice = Exclude<Decision['choice'], 'current'>

/** Writes a version where the conflict stands now. */
async function putVersion(
  deps: DecideDeps,
  project: ProjectKey,
  row: Row,
  decision: Decision & { choice: Choice },
): Promise<void> {
  const { documentId, anchorStart, anchorEnd } = row
  if (documentId === null || anchorStart === null || anchorEnd === null) throw refuseMoved(row)
  const writer = { actor: actorOf(decision), run: randomUUID() }
  let versions = versionsOf(row)
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const placed = await deps.documents.place(documentId, [{ anchorStart, anchorEnd }])
    const range = placed?.ranges[0]
    if (!placed || !range) throw refuseMoved(row)
    const { current } = placed
    const present = current.text.slice(range.from, range.to)
    if (!Object.values(versions).includes(present)) {
      versions = { ...versions, ours: present }
      await keep(deps, project, row, { ours: { text: present } })
    }
    const insert = joinLines(current, range, versions[decision.choice])
    if (insert === present) return
    const written = await deps.documents.write({
      document: documentId,
      writer,
      read: current.revision,
      wanted: { edits: [{ at: range.from, remove: range.to - range.from, insert }] },
      marks: [range],
      waitMs: 0,
      isRetry: tries > 0,
      checkRight: decision.checkRight,
    })
    if (written.outcome === 'too-large') throw refuseTooLarge(row)
    if (written.outcome !== 'written') continue
    const [mark] = written.marks ?? []
    if (mark) await keep(deps, project, row, { anchors: mark })
    if (written.hunks.every(({ result }) => result.outcome !== 'review')) return
  }
  throw new Refusal('unavailable', `Somebody is typing on these lines of “${row.path}” at this moment.`, {
    hint: 'Try again when they have stopped. Nobody’s words were removed.',
    details: { id: row.id },
  })
}

async function keep(
  { db, record }: DecideDeps,
  project: ProjectKey,
  row: Row,
  kept: { ours?: conflictQueries.Side; anchors?: Anchors },
): Promise<void> {
  await db.inWorkspace(project.workspaceId, async (tx) => {
    await conflictQueries.keepPlace(tx, project.projectId, row.id, kept)
    await tellConflicts(record, tx, project, { path: row.path, by: null })
  })
}

/** What each choice puts there. */
function versionsOf({ ours, theirs }: Row): Record<Choice, string> {
  const [here, there] = [ours?.text ?? '', theirs?.text ?? '']
  const isCut = here !== '' && there !== '' && !here.endsWith('\n')
  return { ours: here, theirs: there, both: `${here}${isCut ? '\n' : ''}${there}` }
}

/** A version is whole lines: it begins and ends where lines do, also where the text did not end with one. */
function joinLines({ text }: LiveText, { from, to }: { from: number; to: number }, version: string): string {
  if (version === '') return version
  const isBehind = from === to && from > 0 && text[from - 1] !== '\n'
  const isBefore = to < text.length && !version.endsWith('\n') && (to === 0 || text[to - 1] === '\n')
  return `${isBehind ? '\n' : ''}${version}${isBefore ? '\n' : ''}`
}

const refuseMoved = ({ id, path }: Row): Refusal =>
  new Refusal('conflict-moved', `The place of this conflict in “${path}” is not there any more.`, {
    hint: 'Edit the file as you want it, then close the conflict with the text as it is.',
    details: { id },
  })

const refuseTooLarge = ({ id, path }: Row): Refusal =>
  new Refusal('file-too-large', `“${path}” would become larger than 4 MiB, the limit of a text. Nothing was changed.`, {
    hint: 'Choose another version, or split the text first.',
    details: { id },
  })
