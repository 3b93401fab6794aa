/**
 * A double of the live documents for tests of the API: texts as the database first held them, writes on top of them in
 * memory, decided by the real rules. What a write means for open editors and for the log is tested with the real ones, in `collab`.
 */

import type { TestDatabase } from '@skein/db/testing'
import {
  editText,
  followRanges,
  type JournalEntry,
  planHunks,
  plannedEdits,
  standsThere,
  toChanges,
  wantedHunks,
} from '@skein/document'
import type { ActorKey, DocumentId, Revision } from '@skein/protocol'
import type { LiveDocuments, LiveText, WriteRequest } from '../../commands/live-documents.ts'

export interface StoredDocuments extends LiveDocuments {
  /** Runs once, between the check of a revision by somebody else and the next write: as a person who types just then. */
  beforeNextEdit: (() => Promise<unknown>) | undefined
}

interface Stored {
  /** Texts by revision, the first one as the database had it, and what led from each to the next. */
  texts: string[]
  entries: JournalEntry[]
}

/** `isThere`: AE5, which a test may take away to see what is lost without it. */
export function createStoredDocuments(test: Pick<TestDatabase, 'ask'>, isThere = standsThere): StoredDocuments {
  const stored = new Map<DocumentId, Stored>()
  const find = async (document: DocumentId): Promise<Stored | undefined> => {
    const known = stored.get(document)
    if (known) return known
    const sql = 'select text from document_state where document_id = $1'
    const [row] = await test.ask<{ text: string }>(sql, [document])
    if (row) stored.set(document, { texts: [row.text], entries: [] })
    return stored.get(document)
  }
  const toLive = (document: DocumentId, { texts }: Stored): LiveText => ({
    revision: `${document}:1:${texts.length - 1}` as Revision,
    text: texts.at(-1) as string,
  })

  const write = async ({ document, writer, read, wanted, marks, isWhole, isRetry, checkRight }: WriteRequest) => {
    const before = documents.beforeNextEdit
    documents.beforeNextEdit = undefined
    await before?.()
    await checkRight()
    const present = await find(document)
    if (!present) throw new Error(`no document ${document}`)
    const seq = read === null ? present.texts.length - 1 : Number(read.split(':')[2])
    const base = present.texts[seq]
    const current = toLive(document, present)
    if (base === undefined) return { outcome: 'stale' as const, current }
    const list = wantedHunks(base, wanted, read === null)
    if ('problem' in list) return { outcome: 'unplaced' as const, current, problem: list }
    const { hunks, matches } = list
    const entries = present.entries.slice(seq)
    const planned = planHunks({ base, hunks, entries, current: current.text, run: writer.run, isRetry }, isThere)
    if (isWhole && planned.some(({ outcome }) => outcome === 'review')) return { outcome: 'stale' as const, current }
    push(present, writer, plannedEdits(planned))
    const now = present.texts.length - 1
    const marked = marks && followRanges(marks, present.entries.slice(seq), writer.run)
    return {
      outcome: 'written' as const,
      current: toLive(document, present),
      ...(marked && { marks: marked.map((range) => ({ ...range, by: [], ...toAnchors(now, range) })) }),
      matches,
      hunks: planned.map((plan, i) => ({
        hunk: hunks[i] as (typeof hunks)[number],
        line: base.slice(0, plan.hunk.at).split('\n').length,
        result: toResult(plan, base, current.text),
      })),
    }
  }

  const documents: StoredDocuments = {
    beforeNextEdit: undefined,
    read: async (ids) => {
      const found = new Map<DocumentId, LiveText>()
      for (const id of ids) {
        const text = await find(id)
        if (text) found.set(id, toLive(id, text))
      }
      return found
    },
    write,
    place: async (document, anchors) => {
      const present = await find(document)
      if (!present) return null
      const ranges = anchors.map(({ anchorStart }) => {
        const { seq, ...range } = JSON.parse(new TextDecoder().decode(anchorStart))
        return followRanges([range], present.entries.slice(seq), undefined)[0] ?? null
      })
      return { current: toLive(document, present), ranges }
    },
  }
  return documents
}

/** A range of one of the texts, which is followed from there. */
const toAnchors = (seq: number, range: { from: number; to: number }) => ({
  anchorStart: new TextEncoder().encode(JSON.stringify({ seq, ...range })),
  anchorEnd: Uint8Array.of(),
})

const push = (present: Stored, writer: WriteRequest['writer'], edits: ReturnType<typeof plannedEdits>): void => {
  if (edits.length === 0) return
  const text = present.texts.at(-1) as string
  const ranges = edits.map(({ at, remove, insert }) => ({ from: at, to: at + remove, insert }))
  present.entries.push({ changes: toChanges(ranges, text.length), author: writer, at: 0 })
  present.texts.push(editText(text, edits))
}

const toResult = (plan: ReturnType<typeof planHunks>[number], base: string, current: string) => {
  if (plan.outcome === 'noop') return { outcome: 'noop' as const }
  if (plan.outcome === 'write' || plan.outcome === 'written') {
    return { outcome: plan.isMoved ? ('rebased' as const) : ('applied' as const) }
  }
  const { hunk, present, reason, others } = plan
  return {
    outcome: 'review' as const,
    reason,
    baseText: base.slice(hunk.at, hunk.at + hunk.remove),
    presentText: current.slice(present.from, present.to),
    others: others.map(({ actor }): ActorKey => actor),
    anchorStart: Uint8Array.of(0),
    anchorEnd: Uint8Array.of(0),
  }
}
