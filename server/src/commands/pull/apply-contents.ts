/**
 * New files of theirs, and files whose content is replaced whole. Content streams through; what is in memory is one batch, and each batch is one
 * transaction. What is not text needs no copy of its own: a commit of the remote holds it, and the row names it. A live text, or content that no
 * commit holds, is not replaced in its row: the row goes to the trash with it, open for what is still being typed, and theirs is a new file there.
 */
import { randomUUID } from 'node:crypto'
import { type Database, fileQueries, pullQueries } from '@skein/db'
import { bytesToText, PLAIN } from '@skein/document'
import type { DocumentId, FileId, FileKind, Oid } from '@skein/protocol'
import type { RecordEvent } from '../event-hub.ts'
import type { GitStore } from '../git-store.ts'
import type { RemoteHead } from './file-conflicts.ts'
import type { Add, PullPlan, PullUnderWay, Take, Work } from './plan-pull.ts'
import { changePulledTree } from './pull-change.ts'
import { filesPerBatch, textBytesPerBatch } from './pull-limits.ts'
import { actorOfPull } from './pull-source.ts'
import type { LiveFileRow } from './read-sides.ts'

export interface ContentDeps {
  db: Database
  record: RecordEvent
  git: Pick<GitStore, 'readBlobs'>
  /** Called between batches. */
  onBatch: () => Promise<void>
}

type Replace = Work<Take> & { row: LiveFileRow }

interface Batch {
  added: { work: Work<Add>; file: pullQueries.PulledFile }[]
  replaced: { work: Replace; file: pullQueries.FilePatch }[]
  /** Theirs as a new file, and ours, which goes to the trash. */
  exchanged: { work: Replace; file: pullQueries.PulledFile }[]
  documents: { id: DocumentId; fileId: FileId; text: string }[]
  textBytes: number
}

const emptyBatch = (): Batch => ({ added: [], replaced: [], exchanged: [], documents: [], textBytes: 0 })

const countFiles = ({ added, replaced, exchanged }: Batch): number => added.length + replaced.length + exchanged.length

export async function applyContents(
  deps: ContentDeps,
  under: PullUnderWay,
  plan: PullPlan,
  remote: RemoteHead,
): Promise<void> {
  let batch = emptyBatch()
  const flush = async () => {
    const full = batch
    batch = emptyBatch()
    if (countFiles(full) === 0) return
    await writeBatch(deps, under, plan, remote, full)
    await deps.onBatch()
  }
  const put = async (work: Work<Add> | Replace, content: Uint8Array | null) => {
    addTo(batch, plan, work, content)
    if (countFiles(batch) >= filesPerBatch || batch.textBytes >= textBytesPerBatch) await flush()
  }
  const works = [...plan.added, ...plan.taken.filter(({ action }) => action.content !== null)]
  for (const work of works) if (contentOf(work).kind !== 'text') await put(work, null)
  const texts = works.filter((work) => contentOf(work).kind === 'text')
  let at = 0
  await deps.git.readBlobs(
    under.project,
    texts.map((work) => contentOf(work).oid),
    async (oid, content) => {
      const work = texts[at++]
      if (work === undefined || contentOf(work).oid !== oid) throw new Error('blobs came in another order')
      await put(work, content)
    },
  )
  await flush()
}

function contentOf({ action }: Work<Add> | Replace): { oid: Oid; kind: FileKind } {
  const content = action.do === 'add' ? action : action.content
  if (content === null) throw new Error('nothing replaces this content')
  return content
}

function addTo(batch: Batch, plan: PullPlan, work: Work<Add> | Replace, content: Uint8Array | null): void {
  const { oid, kind: planned } = contentOf(work)
  const { path, mode } = work.action
  const isExchanged = isReplace(work) && isHereAlone(work.row)
  const id = work.row && !isExchanged ? work.row.id : (randomUUID() as FileId)
  const decoded = content === null ? null : bytesToText(content)
  const text = decoded?.kind === 'text' ? decoded.text : null
  const documentId = text === null ? null : (randomUUID() as DocumentId)
  const kind = planned === 'text' && text === null ? 'binary' : planned
  const { eol, bom } = decoded?.kind === 'text' ? decoded.attributes : { ...PLAIN, eol: null }
  const bytes = content?.length ?? plan.blobs.get(oid)?.bytes ?? 0
  const file = { id, ...plan.nameOf(path), mode, kind, bytes, documentId, eol, bom, oid }
  if (!isReplace(work)) batch.added.push({ work, file })
  else if (isExchanged) batch.exchanged.push({ work, file })
  else batch.replaced.push({ work, file })
  if (text === null || documentId === null) return
  batch.documents.push({ id: documentId, fileId: id, text })
  batch.textBytes += text.length
}

const isReplace = (work: Work<Add> | Replace): work is Replace => work.action.do === 'take'

/** Somebody may have it open, or it is what no commit holds. */
const isHereAlone = ({ documentId, blobSha256 }: LiveFileRow): boolean => documentId !== null || blobSha256 !== null

/** The same work, told of the file that theirs is now. */
const toNewFile = ({ work, file }: Batch['exchanged'][number]): Replace => ({
  ...work,
  row: { ...work.row, id: file.id, documentId: file.documentId },
  trashed: work.row.id,
})

async function writeBatch(
  deps: ContentDeps,
  under: PullUnderWay,
  plan: PullPlan,
  remote: RemoteHead,
  { added, replaced, exchanged, documents }: Batch,
): Promise<void> {
  const { project } = under
  const by = actorOfPull(under.pull)
  await changePulledTree(deps, under, plan, remote, async (change) => {
    const { tx } = change
    const given = exchanged.map(({ work }) => work.row)
    if (given.length > 0) {
      const ids = given.map(({ id }) => id)
      await change.deleted(await fileQueries.trashFiles(tx, project.projectId, by, ids))
    }
    const files = [...added, ...exchanged].map(({ file }) => file)
    if (files.length > 0) await pullQueries.insertPulledFiles(tx, project, by, files)
    const patches = replaced.map(({ file }) => file)
    const patched = patches.length > 0 ? await pullQueries.patchFiles(tx, project.projectId, by, patches) : []
    if (documents.length > 0) await fileQueries.insertDocuments(tx, project, documents)
    await change.changed([...files.map((file) => ({ ...file, blobSha256: null, committedOid: file.oid })), ...patched])
    await change.done([...[...added, ...replaced].map(({ work }) => work), ...exchanged.map(toNewFile)])
    await change.checkUntouched(given)
  })
}
