/**
 * Quarantine and repair of one document (QR rules: SPEC.md beside this file). What cannot be read is set aside, as it was found, and the
 * document is made readable again from what is left: exactly where the history allows it, else without what was set aside.
 *
 * It runs by itself when a load or a compaction finds damage, and by command, which also looks through the history.
 */
import {
  type Database,
  documentHistoryQueries as history,
  documentLogQueries as log,
  documentRepairQueries as repair,
  type Tx,
} from '@skein/db'
import { documentText, encodeUpdateFrames, type HistoryRow } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import { buildInPieces } from '../history/build-in-pieces.ts'
import { beginAnew } from './begin-anew.ts'
import { isReadable, rebuildState } from './rebuild-state.ts'
import { repairHistory } from './repair-history.ts'
import { repairTail } from './repair-tail.ts'

export interface Finding {
  kind: repair.DamagedKind
  /** Its row, or the last one that it holds. */
  seq: number
  /** What is wrong with it, for people. */
  reason: string
}

/**
 * `sound`: nothing is wrong. `exact`: it is again what it was. `holes`: what was set aside is missing from it, until a device
 * that has it comes. `new-epoch`: its history had to end; it goes on with the text that stood beside its state. `history`: only
 * moments of the past are affected. `gone`: there is no such document.
 */
export type RepairResult = 'sound' | 'exact' | 'holes' | 'new-epoch' | 'history' | 'gone'

export interface RepairReport {
  document: DocumentId
  result: RepairResult
  /** What was set aside. */
  findings: Finding[]
}

export interface RepairOptions {
  /** Also looks at segments and states of the history; default: only at what the document is opened from. */
  isDeep?: boolean
  /** Tells what would be done, and does nothing. */
  isDryRun?: boolean
}

class DryRun extends Error {}

/** Looks at a document and repairs it, in one transaction. */
export async function repairDocument(
  db: Pick<Database, 'onLog'>,
  document: DocumentId,
  { isDeep = false, isDryRun = false }: RepairOptions = {},
): Promise<RepairReport> {
  const report: RepairReport = { document, result: 'sound', findings: [] }
  const work = db.onLog(async (tx) => {
    report.result = await repairIn(tx, document, report.findings, isDeep)
    if (isDryRun) throw new DryRun()
  })
  await work.catch((error: unknown) => {
    if (!(error instanceof DryRun)) throw error
  })
  return report
}

async function repairIn(tx: Tx, document: DocumentId, findings: Finding[], isDeep: boolean): Promise<RepairResult> {
  const place = await repair.lockForRepair(tx, document)
  if (!place) return 'gone'
  if (!place.isSeeded) return 'sound'
  const owner = { document, workspaceId: place.workspaceId }
  const setAside = async (damaged: repair.Damaged): Promise<void> => {
    await repair.insertQuarantine(tx, owner, damaged)
    findings.push({ kind: damaged.kind, seq: damaged.seq, reason: damaged.reason })
  }
  if (isDeep) await repairHistory(tx, document, place, setAside)
  // Whoever could not read the document may have been given this of it.
  else await repair.dropOpening(tx, document)
  const pastFindings = findings.length
  const base = await repairState(tx, document, place, setAside)
  if (base === 'lost') {
    await beginAnew(tx, document, place, setAside)
    return 'new-epoch'
  }
  const rows = await repairTail(tx, document, base.state, place.uptoSeq, setAside)
  const bad = findings.slice(pastFindings)
  if (base.outcome === 'holes' || bad.some(({ kind }) => kind === 'update')) {
    await keepHoles(tx, document, place, base.state, rows, setAside)
    return 'holes'
  }
  if (bad.length > 0) return 'exact'
  return findings.length > 0 ? 'history' : 'sound'
}

type SetAside = (damaged: repair.Damaged) => Promise<void>

/** The state that the document is opened from, made anew when it cannot be read. */
async function repairState(
  tx: Tx,
  document: DocumentId,
  place: repair.RepairPlace,
  setAside: SetAside,
): Promise<{ outcome: 'exact' | 'holes'; state: Uint8Array } | 'lost'> {
  const stored = await history.findState(tx, document)
  if (!stored) throw new Error(`Document ${document} lost its state while it was locked`)
  if (stored.isIntact && (await isReadable(stored.state))) return { outcome: 'exact', state: stored.state }
  const reason = stored.isIntact ? 'Yjs cannot read it' : 'its bytes are not those that were written'
  await setAside({ kind: 'state', seq: stored.seq, bytes: stored.state, reason })
  const rebuilt = await rebuildState(tx, document, place)
  // A text that holds all that the state held is worth more than a state with holes.
  if (rebuilt.outcome === 'lost' || (rebuilt.outcome === 'holes' && place.textSeq >= place.uptoSeq)) return 'lost'
  await repair.rewriteState(tx, document, rebuilt.state)
  return rebuilt
}

/**
 * What the document holds without what was set aside becomes its text, under a number of its own: nobody who read the whole text may take it
 * for the same. The whole text is set aside too, because it may be the last copy. A node that has the document open holds more than the rows do
 * now: it may append nothing to them before it has brought that back (QR8).
 */
async function keepHoles(
  tx: Tx,
  document: DocumentId,
  place: repair.RepairPlace,
  state: Uint8Array,
  rows: readonly HistoryRow[],
  setAside: SetAside,
): Promise<void> {
  const reason = 'the text as it stood before the repair'
  await setAside({ kind: 'text', seq: place.textSeq, bytes: Buffer.from(place.text), reason })
  await repair.countRepair(tx, document)
  const payload = encodeUpdateFrames([])
  const [marker] = await log.appendUpdates(tx, [{ document, epoch: place.epoch, payload, clients: [] }])
  // Somebody appended while we looked: the text is kept when the document is opened.
  if (!marker?.seq || marker.seq !== (rows.at(-1)?.seq ?? place.uptoSeq) + 1) return
  const text = documentText(await buildInPieces(state, rows))
  if (!text.includes('\0')) await repair.rewriteText(tx, document, marker.seq, text)
}
