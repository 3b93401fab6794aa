/** What the database holds of a document, read behind the server's back. */
import { applyState, applyUpdate, decodeUpdateFrames, documentText, type UpdateFrame } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import * as Y from 'yjs'
import type { Ask } from './fixtures.ts'

export interface Truth {
  doc: Y.Doc
  text: string
  frames: UpdateFrame[]
  seqs: number[]
}

/** Replays the state and every row after it, as a restarted server would. */
export async function readTruth(ask: Ask, document: DocumentId): Promise<Truth> {
  const [state] = await ask<{ state: Buffer | null; text: string; upto: string }>(
    'select state, text, upto_seq as upto from document_state where document_id = $1',
    [document],
  )
  const rows = await ask<{ seq: string; payload: Buffer }>(
    'select seq, payload from document_update where document_id = $1 and seq > $2 order by seq',
    [document, state?.upto ?? 0],
  )
  const doc = new Y.Doc()
  if (state?.state) applyState(doc, state.state)
  else doc.getText('text').insert(0, state?.text ?? '')
  const frames = rows.flatMap(({ payload }) => decodeUpdateFrames(payload))
  doc.transact(() => {
    for (const { update } of frames) applyUpdate(doc, update)
  })
  return { doc, text: documentText(doc), frames, seqs: rows.map(({ seq }) => Number(seq)) }
}
