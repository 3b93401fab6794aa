/**
 * Deciding about lines: the chosen version takes the place of what stands between the anchors now, through the apply engine, so that it can remove
 * nothing that was not looked at (AE5). What stood there and is no version is kept as ours, so that nobody's words go with it.
 */
import { randomUUID } from 'node:crypto'
import { conflictQueries, projectQueries, type Tx } from '@skein/db'
import { type DocumentId, personToActorKey, Refusal, type UserId } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { Anchors, LiveText } from '../live-documents.ts'
import { actorOf, type DecideDeps, type Decision, personOf, refuseDecided, refuseRetold } from './decision.ts'
import type { TextRange } from './match-conflicts.ts'
import { tellConflicts, tellDecided } from './tell-conflicts.ts'

type Row = conflictQueries.ConflictRow

/** A decision that takes longer met a machine that has died. */
const CLAIM_MS = 30_000
/** How often the lines may change under a decision before it is given up. */
const TRIES_MAX = 5

export async function decideLines(
  deps: DecideDeps,
  project: ProjectKey,
  found: Row,
  decision: Decision,
): Promise<void> {
  const { projectId, workspaceId } = project
  const by = actorOf(decision)
  const row = await claim(deps, project, found, decision)
  try {
    await decision.checkRight()
    if (decision.choice !== 'current') await putVersion(deps, project, row, { ...decision, choice: decision.choice })
    if (decision.closes) await close(deps, project, row, decision)
  } finally {
    await deps.db.inWorkspace(workspaceId, (tx) => conflictQueries.releaseConflict(tx, projectId, row.id, by))
  }
}

/** Keeps others from deciding, and gives the row as it is then. */
async function claim(
  { db }: DecideDeps,
  { projectId, workspaceId }: ProjectKey,
  row: Row,
  decision: Decision,
): Promise<Row> {
  const { claimed, now } = await db.inWorkspace(workspaceId, async (tx) => ({
    claimed: await conflictQueries.claimConflict(tx, projectId, row.id, actorOf(decision), CLAIM_MS),
    now: await conflictQueries.findConflict(tx, projectId, row.id),
  }))
  if (!claimed || !now) throw refuseDecided(now ?? row)
  if (claimed.isOurs) return now
  throw new Refusal('request-in-progress', `${claimed.name ?? 'Somebody'} is deciding about this at this moment.`, {
    hint: 'Look at it again in a moment. Nothing was changed.',
    details: { id: row.id },
  })
}

async function close(deps: DecideDeps, project: ProjectKey, row: Row, decision: Decision): Promise<void> {
  const { db, record } = deps
  const choice = decision.choice === 'current' ? await findChoice(deps, row) : decision.choice
  const isDone = await db.inWorkspace(project.workspaceId, async (tx) => {
    await projectQueries.lockProject(tx, project.projectId)
    const asked = { choice, by: actorOf(decision), remote: row.remoteOid }
    if (!(await conflictQueries.resolveConflict(tx, project.projectId, row.id, asked))) return false
    await tellDecided(record, tx, project, { path: row.path, by: personOf(decision) })
    return true
  })
  if (!isDone) throw await refuseNow(db, project, row)
}

async function refuseNow(db: DecideDeps['db'], { projectId, workspaceId }: ProjectKey, row: Row): Promise<Refusal> {
  const now = await db.inWorkspace(workspaceId, (tx) => conflictQueries.findConflict(tx, projectId, row.id))
  return now?.state === 'open' ? refuseRetold(now) : refuseDecided(now ?? row)
}

/** Whether what stands there is one of the versions: then that is what was chosen. */
async function findChoice({ documents }: DecideDeps, row: Row): Promise<Decision['choice']> {
  const anchors = anchorsOf(row)
  const placed = anchors && row.documentId && (await documents.place(row.documentId, [anchors]))
  const range = placed?.ranges[0]
  if (!placed || !range) return 'current'
  const present = placed.current.text.slice(range.from, range.to)
  const versions = versionsOf(row)
  const choices = [...new Set([row.ours?.used ?? ('ours' as const), ...(['ours', 'theirs', 'both'] as const)])]
  return choices.find((choice) => joinLines(placed.current, range, versions[choice]) === present) ?? 'current'
}

type Choice = Exclude<Decision['choice'], 'current'>

/** Writes a version where the conflict stands now. */
async function putVersion(
  deps: DecideDeps,
  project: ProjectKey,
  row: Row,
  decision: Decision & { choice: Choice },
): Promise<void> {
  const { documentId } = row
  let anchors = await finishPutting(deps, project, row, decision)
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const placed = anchors && documentId && (await deps.documents.place(documentId, [anchors]))
    const range = placed?.ranges[0]
    if (!placed || !range) throw refuseMoved(row)
    const putting = await preparePutting(deps, project, row, decision, { current: placed.current, range })
    if (!putting) return
    const outcome = await put(deps, project, { ...row, documentId }, putting, decision)
    if (outcome !== 'stale') return
    anchors = anchorsOf(row)
  }
  throw new Refusal('unavailable', `Somebody is typing on these lines of “${row.path}” at this moment.`, {
    hint: 'Try again when they have stopped. Nothing was changed.',
    details: { id: row.id },
  })
}

const anchorsOf = ({ anchorStart, anchorEnd }: Row): Anchors | null =>
  anchorStart && anchorEnd ? { anchorStart, anchorEnd } : null

/** What somebody was putting there when their process was killed: it may stand in the text already. Gives the place as it is then. */
async function finishPutting(
  deps: DecideDeps,
  project: ProjectKey,
  row: Row,
  decision: Decision,
): Promise<Anchors | null> {
  const { putting, documentId } = row
  if (!putting || documentId === null) return anchorsOf(row)
  const outcome = await put(deps, project, { ...row, documentId }, putting, decision, true)
  if (outcome === 'stale') return anchorsOf(row)
  row.ours = { ...(row.ours ?? { text: '' }), used: putting.used ?? null }
  Object.assign(row, outcome)
  return outcome
}

/** Notes what is about to be put there, and keeps what it takes the place of. Null: it stands there already. */
async function preparePutting(
  { db }: DecideDeps,
  { projectId, workspaceId }: ProjectKey,
  row: Row,
  decision: Decision & { choice: Choice },
  { current, range }: { current: LiveText; range: TextRange },
): Promise<conflictQueries.Putting | null> {
  const { choice } = decision
  const present = current.text.slice(range.from, range.to)
  const isVersion = Object.values(versionsOf(row)).includes(present)
  // What people made of ours is ours; what they made of another version is kept on record.
  const isRecord = !isVersion && Boolean(row.ours?.used)
  if (!isVersion && !isRecord) row.ours = { text: present }
  const insert = joinLines(current, range, versionsOf(row)[choice])
  if (insert === present) return null
  const used = choice === 'ours' ? null : choice
  const made = { actor: actorOf(decision), run: randomUUID(), revision: current.revision, ...range, insert, used }
  await db.inWorkspace(workspaceId, async (tx) => {
    if (isRecord) await keepRecord(tx, { projectId, workspaceId }, row, present, decision)
    const noted = { ours: row.ours, remote: row.remoteOid }
    if (!(await conflictQueries.notePutting(tx, projectId, row.id, made, noted))) throw refuseRetold(row)
  })
  return made
}

/** Puts a version there as a whole, or not at all (`stale`); gives its place. */
async function put(
  { db, documents, record }: DecideDeps,
  project: ProjectKey,
  row: Row & { documentId: DocumentId },
  { actor, run, revision, from, to, insert, used }: conflictQueries.Putting,
  { checkRight }: Decision,
  isRetry = false,
): Promise<Anchors | 'stale'> {
  const { projectId, workspaceId } = project
  // A pull may have told it anew: what is on its way is not what theirs is now.
  const checkRow = async () => {
    const now = await db.inWorkspace(workspaceId, (tx) => conflictQueries.findConflict(tx, projectId, row.id))
    if (now?.remoteOid === row.remoteOid) return
    await db.inWorkspace(workspaceId, (tx) => conflictQueries.notePutting(tx, projectId, row.id, null))
    throw refuseRetold(row)
  }
  const written = await documents.write({
    document: row.documentId,
    writer: { actor, run },
    read: revision,
    wanted: { edits: [{ at: from, remove: to - from, insert }] },
    marks: [{ from, to }],
    isWhole: true,
    waitMs: 0,
    isRetry,
    checkRight: async () => {
      await checkRight()
      if (!isRetry) await checkRow()
    },
  })
  const [mark] = written.outcome === 'written' ? (written.marks ?? []) : []
  await db.inWorkspace(workspaceId, async (tx) => {
    await projectQueries.lockProject(tx, projectId)
    if (!mark) {
      await conflictQueries.notePutting(tx, projectId, row.id, null)
      return
    }
    const ours = { ...(row.ours ?? { text: '' }), used: used ?? null }
    await conflictQueries.keepPlace(tx, projectId, row.id, { ours, anchors: mark })
    await tellConflicts(record, tx, project, { path: row.path, by: null })
  })
  if (written.outcome === 'too-large') throw refuseTooLarge(row)
  return mark ? { anchorStart: mark.anchorStart, anchorEnd: mark.anchorEnd } : 'stale'
}

/** What somebody made of a version that is about to give way to another one, among the decided conflicts. */
async function keepRecord(tx: Tx, project: ProjectKey, row: Row, present: string, decision: Decision): Promise<void> {
  const content = {
    ...row,
    pullId: row.pullId,
    ours: { text: present },
    anchors: null,
    oursBy: row.oursBy.map(({ id }) => personToActorKey(id as UserId)),
    remote: { oid: row.remoteOid, authorName: row.remoteAuthor, at: row.remoteAt },
  }
  const id = await conflictQueries.insertConflict(tx, project, content)
  await conflictQueries.resolveConflict(tx, project.projectId, id, { choice: 'current', by: actorOf(decision) })
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
