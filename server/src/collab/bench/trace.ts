/** A paper as it was written, 260,000 edits long, as a document; it stands beside the repository and is not part of it. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import * as Y from 'yjs'

export const TRACE = path.resolve(
  import.meta.dirname,
  '../../../../../shared/data/editing-traces/automerge-paper.json.gz',
)

interface Trace {
  endContent: string
  txns: { patches: [at: number, remove: number, insert: string][] }[]
}

export interface ReplayedTrace {
  doc: Y.Doc
  endContent: string
  /** One V1 update for each edit. */
  updates: Uint8Array[]
}

/** Types the whole paper; null where the recording is missing. Some seconds. */
export function replayTrace(): ReplayedTrace | null {
  if (!existsSync(TRACE)) return null
  const { txns, endContent } = JSON.parse(gunzipSync(readFileSync(TRACE)).toString()) as Trace
  const doc = new Y.Doc()
  doc.clientID = 7
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  const text = doc.getText('text')
  for (const { patches } of txns) {
    doc.transact(() => {
      for (const [at, remove, insert] of patches) {
        if (remove > 0) text.delete(at, remove)
        if (insert !== '') text.insert(at, insert)
      }
    })
  }
  if (text.toString() !== endContent) throw new Error('The recording does not end in its text')
  return { doc, endContent, updates }
}
