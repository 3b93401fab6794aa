/**
 * Find in project over the live texts: of open documents what memory holds, of closed ones what stands beside their state. PostgreSQL sorts out
 * the texts that cannot match, the others are read in batches and looked through by a thread, so that neither ten thousand texts stand in memory
 * at once nor does anybody's typing wait.
 */
import { type Database, findQueries } from '@skein/db'
import { type FileMatches, type FindQuery, Refusal } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { LiveDocuments } from '../live-documents.ts'
import { patternToRegex } from './path-patterns.ts'
import { requiredLiteral } from './required-literal.ts'
import type { TextSearcher, TextSearchers } from './text-searchers.ts'

export interface FindDeps {
  db: Database
  documents: Pick<LiveDocuments, 'read'>
  searchers: TextSearchers
}

/** Files that one answer looks at; their rows are in memory together. */
const filesMax = 20_000
/** Texts that PostgreSQL looks at in one statement, which cannot be stopped half-way. */
const siftFilesMax = 500
const siftBytesMax = 8 * 1024 * 1024
/** Texts that are in memory at the same time; decoding half a megabyte takes about a millisecond. */
const batchFilesMax = 64
const batchBytesMax = 512 * 1024
/** Half a megabyte takes the plainest expressions a millisecond; what takes as long as this is given up, and its thread with it. */
const batchMsMax = 5_000
/** Matches in one answer. */
const matchesMax = 2_000

export interface Found {
  items: FileMatches[]
  ended: 'complete' | 'limit' | 'time'
  filesSearched: number
  /** The path of the last file that was looked at; the next answer begins after it. */
  last: string
}

/** Looks through the files after a path. The signal is that of whoever asked. */
export async function findInProject(
  deps: FindDeps,
  project: ProjectKey,
  query: FindQuery,
  after: string,
  signal: AbortSignal,
): Promise<Found> {
  const endsAt = performance.now() + query.withinMs
  const filter = { include: query.include.map(patternToRegex), exclude: query.exclude.map(patternToRegex) }
  const searcher = await openSearcher(deps.searchers, query, signal)
  try {
    const files = await deps.db.inWorkspace(
      project.workspaceId,
      (tx) => findQueries.listTextFiles(tx, project.projectId, { ...filter, after, limit: filesMax }),
      { readOnly: true },
    )
    const batches = candidateBatches(deps.db, project, query, files, signal)
    const { items, ended, filesSearched } = await searchBatches(deps, searcher, query, batches, {
      files: files.length,
      endsAt,
    })
    const last = files[filesSearched - 1]?.path ?? after
    const isCut = ended === 'complete' && files.length === filesMax
    return { items, ended: isCut ? 'limit' : ended, filesSearched, last }
  } finally {
    searcher.close()
  }
}

async function openSearcher(searchers: TextSearchers, query: FindQuery, signal: AbortSignal): Promise<TextSearcher> {
  const opened = await searchers.open({ ...query, matchesMax: query.matchesPerFile }, signal)
  if (!('fault' in opened)) return opened
  const { fault, at } = opened
  throw new Refusal('invalid-expression', `The expression cannot be read: ${fault}.`, {
    hint: 'Expressions are those of RE2, without look-around and back-references. A sign with a meaning is taken literally after a “\\”.',
    details: { fault, position: at },
  })
}

/** A file with its place among the listed ones. */
type Listed = findQueries.TextFileRow & { place: number }

/** Files that may match, in batches; with each, how many of the listed files are done with after it. */
async function* candidateBatches(
  db: Database,
  project: ProjectKey,
  query: FindQuery,
  rows: readonly findQueries.TextFileRow[],
  signal: AbortSignal,
): AsyncGenerator<{ batch: readonly Listed[]; passed: number }> {
  const literal = requiredLiteral(query)
  const files = rows.map((row, place) => ({ ...row, place }))
  let passed = 0
  for (const group of slices(files, siftFilesMax, siftBytesMax)) {
    signal.throwIfAborted()
    passed += group.length
    const candidates = literal === null ? group : await sift(db, project, group, literal, query.caseSensitive)
    const batches = [...slices(candidates, batchFilesMax, batchBytesMax)]
    for (const [index, batch] of batches.entries()) {
      signal.throwIfAborted()
      yield { batch, passed: batches[index + 1]?.[0]?.place ?? passed }
    }
    if (batches.length === 0) yield { batch: [], passed }
  }
}

async function sift(
  db: Database,
  project: ProjectKey,
  files: readonly Listed[],
  literal: string,
  isCaseSensitive: boolean,
): Promise<Listed[]> {
  const ids = files.map(({ documentId }) => documentId)
  const found = await db.inWorkspace(
    project.workspaceId,
    (tx) => findQueries.listDocumentsWith(tx, ids, literal, isCaseSensitive),
    { readOnly: true },
  )
  return files.filter(({ documentId }) => found.has(documentId))
}

async function searchBatches(
  deps: Pick<FindDeps, 'documents'>,
  searcher: TextSearcher,
  query: FindQuery,
  batches: AsyncIterable<{ batch: readonly Listed[]; passed: number }>,
  bounds: { files: number; endsAt: number },
): Promise<Pick<Found, 'items' | 'ended' | 'filesSearched'>> {
  const items: FileMatches[] = []
  let filesSearched = 0
  let matches = 0
  for await (const { batch, passed } of batches) {
    const found = await searchBatch(deps, searcher, batch)
    if (found === 'too-slow') {
      if (filesSearched === 0) throw refuseSlow(batch)
      return { items, ended: 'time', filesSearched }
    }
    for (const { place, ...item } of found) {
      items.push(item)
      matches += item.matches.length
      filesSearched = place + 1
      const isFull = items.length === query.limit || matches >= matchesMax
      if (isFull && filesSearched < bounds.files) return { items, ended: 'limit', filesSearched }
    }
    filesSearched = passed
    if (performance.now() > bounds.endsAt && filesSearched < bounds.files)
      return { items, ended: 'time', filesSearched }
  }
  return { items, ended: 'complete', filesSearched }
}

async function searchBatch(
  { documents }: Pick<FindDeps, 'documents'>,
  searcher: TextSearcher,
  batch: readonly Listed[],
): Promise<(FileMatches & { place: number })[] | 'too-slow'> {
  if (batch.length === 0) return []
  const live = await documents.read(batch.map(({ documentId }) => documentId))
  // A file whose document has gone meanwhile has no text any more.
  const read = batch.flatMap((file) => {
    const text = live.get(file.documentId)
    return text ? [{ file, ...text }] : []
  })
  const texts = read.map(({ text }) => text)
  const found = await searcher.search(texts, batchMsMax)
  if (found === 'too-slow') return found
  return read.flatMap(({ file: { path, id: fileId, documentId, place }, revision }, index) => {
    const inFile = found[index]
    return inFile ? [{ path, fileId, documentId, revision, ...inFile, place }] : []
  })
}

/** Files one after the other in groups of a bounded number and size; their sizes are those of the last commit. */
function* slices<File extends { bytes: number }>(
  files: readonly File[],
  filesMax: number,
  bytesMax: number,
): Generator<File[]> {
  let slice: File[] = []
  let bytes = 0
  for (const file of files) {
    if (slice.length === filesMax || (slice.length > 0 && bytes + file.bytes > bytesMax)) {
      yield slice
      slice = []
      bytes = 0
    }
    slice.push(file)
    bytes += file.bytes
  }
  if (slice.length > 0) yield slice
}

const refuseSlow = (batch: readonly Listed[]): Refusal =>
  new Refusal('expression-too-slow', `This search takes too long on “${batch[0]?.path}” and the files after it.`, {
    hint: 'Make the expression simpler, or leave these files out.',
    details: { path: batch[0]?.path },
  })
