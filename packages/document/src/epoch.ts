/**
 * The beginning of a document's history.
 *
 * Each epoch is seeded once, from the plain text, under a client id of its own. The map entry is there so that even an empty file has the
 * seed's client id in every state vector: by it the gate knows a client that still holds another epoch.
 */
import { TEXT_NAME } from '@skein/protocol'
import * as Y from 'yjs'

const SEED_MAP = 'skein'

/**
 * A restore from a backup moves every document more than that many epochs on: further than repairs since the backup can have moved it, so that
 * no revision of what was lost names a text of today.
 */
export const EPOCHS_PER_RESTORE = 1000

/** Whether the document was restored from a backup: devices may then hold histories that nothing here knows of. */
export const isRestoredEpoch = (epoch: number): boolean => epoch > EPOCHS_PER_RESTORE

/** The V2 state of a new epoch that holds `text`; lone surrogates, which no update can carry, become U+FFFD. */
export const seedEpoch = (text: string, epoch: number, clientId: number): Uint8Array => {
  const doc = new Y.Doc()
  doc.clientID = clientId
  doc.transact(() => {
    doc.getMap(SEED_MAP).set('epoch', epoch)
    if (text !== '') doc.getText(TEXT_NAME).insert(0, text.toWellFormed())
  })
  const state = Y.encodeStateAsUpdateV2(doc)
  doc.destroy()
  return state
}

/** The plain text of a document. */
export const documentText = (doc: Y.Doc): string => doc.getText(TEXT_NAME).toString()
