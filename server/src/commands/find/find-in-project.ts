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

/** Texts that PostgreSQL looks at in one statement, which cannot be stopped half-way. */
const pageFilesMax = 500
const pageBytesMax = 8 * 1024 * 1024
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
    const pages = listPages(deps.db, project, { ...filter, ...literalOf(query), after }, signal)
    return await searchPages(deps, searcher, query, pages, { after, endsAt, signal })
  } finally {
    searcher.close()
  }
}

const literalOf = (query: FindQuery) => ({ literal: requiredLiteral(query), isCaseSensitive: query.caseSensitive })

async function openSearcher(searchers: TextSearchers, query: FindQuery, signal: AbortSignal): Promise<TextSearcher> {
  const opened = await searchers.open({ ...query, matchesMax: query.matchesPerFile }, signal)
  if (!('fault' in opened)) return opened
  const { fault, at } = opened
  throw new Refusal('invalid-expression', `The expression cannot be read: ${fault}.`, {
    hint: 'Expressions are those of RE2, without look-around and back-references. A sign with a meaning is taken literally after a “\\”.',
    details: { fault, position: at },
  })
}

type TextFile = findQueries.TextFileRow

/** The files one page after the other, to the last one. */
async function* listPages(
  db: Database,
  project: ProjectKey,
  from: Omit<findQueries.TextFilePage, 'filesMax' | 'bytesMax'>,
  signal: AbortSignal,
): AsyncGenerator<TextFile[]> {
  for (let { after } = from; ; ) {
    signal.throwIfAborted()
    const page = { ...from, after, filesMax: pageFilesMax, bytesMax: pageBytesMax }
    const files = await db.inWorkspace(
      project.workspaceId,
      (tx) => findQueries.listTextFiles(tx, project.projectId, page),
      { readOnly: true },
    )
    const last = files.at(-1)
    if (!last) return
    yield files
    after = last.path
  }
}

async function searchPages(
  deps: Pick<FindDeps, 'documents'>,
  searcher: TextSearcher,
  query: FindQuery,
  pages: AsyncIterable<TextFile[]>,
  bounds: { after: string; endsAt: number; signal: AbortSignal },
): Promise<Found> {
  const found: Found = { items: [], ended: 'complete', filesSearched: 0, last: bounds.after }
  let matches = 0
  for await (const files of pages) {
    const placeOf = new Map(files.map((file, place) => [file.path, place + 1]))
    const before = found.filesSearched
    const passed = (path: string): void => {
      found.last = path
      found.filesSearched = before + (placeOf.get(path) ?? 0)
    }
    for (const batch of slices(files.filter(({ mayMatch }) => mayMatch))) {
      bounds.signal.throwIfAborted()
      const inBatch = await searchBatch(deps, searcher, batch)
      if (inBatch === 'too-slow') {
        if (found.filesSearched === 0) throw refuseSlow(batch)
        return { ...found, ended: 'time' }
      }
      for (const item of inBatch) {
        found.items.push(item)
        matches += item.matches.length
        passed(item.path)
        if (found.items.length === query.limit || matches >= matchesMax) return { ...found, ended: 'limit' }
      }
      passed(batch.at(-1)?.path ?? found.last)
      if (performance.now() > bounds.endsAt) return { ...found, ended: 'time' }
    }
    passed(files.at(-1)?.path ?? found.last)
    if (performance.now() > bounds.endsAt) return { ...found, ended: 'time' }
  }
  return found
}

async function searchBatch(
  { documents }: Pick<FindDeps, 'documents'>,
  searcher: TextSearcher,
  batch: readonly TextFile[],
): Promise<FileMatches[] | 'too-slow'> {
  const live = await documents.read(
    batch.map(({ documentId }) => documentId),
    'look',
  )
  // A file whose document has gone meanwhile has no text any more.
  const read = batch.flatMap((file) => {
    const text = live.get(file.documentId)
    return text ? [{ file, ...text }] : []
  })
  const texts = read.map(({ text }) => text)
  const found = await searcher.search(texts, batchMsMax)
  if (found === 'too-slow') return found
  return read.flatMap(({ file: { path, id: fileId, documentId }, revision }, index) => {
    const inFile = found[index]
    return inFile ? [{ path, fileId, documentId, revision, ...inFile }] : []
  })
}

/** Files one after the other in groups of a bounded number and size; their sizes are those of the last commit. */
function* slices(files: readonly TextFile[]): Generator<TextFile[]> {
  let slice: TextFile[] = []
  let bytes = 0
  for (const file of files) {
    if (slice.length === batchFilesMax || (slice.length > 0 && bytes + file.bytes > batchBytesMax)) {
      yield slice
      slice = []
      bytes = 0
    }
    slice.push(file)
    bytes += file.bytes
  }
  if (slice.length > 0) yield slice
}

const refuseSlow = (batch: readonly TextFile[]): Refusal =>
  new Refusal('expression-too-slow', `This search takes too long on “${batch[0]?.path}” and the files after it.`, {
    hint: 'Make the expression simpler, or leave these files out.',
    details: { path: batch[0]?.path },
  })
