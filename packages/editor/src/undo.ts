/**
 * Undo that touches one's own edits only. The stack belongs to the document, not to a view: it survives a change of tab and a
 * reconnect. It tracks nothing by default; each view adds its own origin while it lives, so that what arrives from the
 * server or from the local store is never undone.
 */
import * as Y from 'yjs'

/** Edits closer together than this, in milliseconds, are one step. */
const STEP_MS = 500

/** Makes the undo stack of one text; destroyed with its document. */
export function createUndo(text: Y.Text): Y.UndoManager {
  return new Y.UndoManager(text, { trackedOrigins: new Set(), captureTimeout: STEP_MS })
}
