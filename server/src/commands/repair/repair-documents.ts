/** Repair by command: one document or all of them, and what is told about it. */
import { type Database, documentRepairQueries as repair } from '@skein/db'
import type { DocumentId } from '@skein/protocol'
import { type Finding, type RepairReport, type RepairResult, repairDocument } from './repair-document.ts'

export interface RepairWork {
  /** Null: all. */
  document: DocumentId | null
  isDryRun: boolean
}

/** Documents asked for at a time. */
const PAGE = 1_000
/** Findings of one document that are told; a damaged disk can make very many. */
const FINDINGS_TOLD = 20

/** Looks at documents, their past included, and repairs them one after the other; tells each that is not sound. Returns a summary. */
export async function repairDocuments(
  db: Pick<Database, 'onLog' | 'log'>,
  { document, isDryRun }: RepairWork,
  tell: (line: string) => void,
): Promise<string> {
  const counts = new Map<RepairResult, number>()
  for await (const id of document === null ? listAll(db) : [document]) {
    const report = await repairDocument(db, id, { isDeep: true, isDryRun })
    counts.set(report.result, (counts.get(report.result) ?? 0) + 1)
    if (report.result !== 'sound') for (const line of describeReport(report, isDryRun)) tell(line)
  }
  return describeCounts(counts, isDryRun)
}

/** What was set aside so far, newest first, as lines for people. */
export async function describeQuarantine(db: Pick<Database, 'log'>, limit: number): Promise<string[]> {
  const rows = await repair.listQuarantine(db.log, null, limit)
  return rows.map(
    ({ at, document, kind, seq, bytes, reason }) =>
      `${at.toISOString()}  document ${document}  ${NOUNS[kind]} ${seq}, ${bytes} bytes: ${reason}`,
  )
}

async function* listAll(db: Pick<Database, 'log'>): AsyncGenerator<DocumentId> {
  let after: DocumentId | null = null
  for (;;) {
    const page: { id: DocumentId }[] = await repair.listDocuments(db.log, after, PAGE)
    for (const { id } of page) yield id
    after = page.at(-1)?.id ?? null
    if (page.length < PAGE) return
  }
}

const NOUNS: Readonly<Record<Finding['kind'], string>> = {
  update: 'row',
  state: 'state up to row',
  segment: 'history up to row',
  keyframe: 'state of the history at row',
  text: 'text at row',
}

const OUTCOMES: Readonly<Record<Exclude<RepairResult, 'sound'>, readonly [done: string, would: string]>> = {
  exact: ['It was made again, exactly as it was.', 'It can be made again, exactly as it was.'],
  holes: [
    'It opens without what was set aside; a device that still has it brings it back.',
    'It would open without what is set aside; a device that still has it would bring it back.',
  ],
  'new-epoch': [
    'Its history had to end; it goes on with the text that stood beside its state. Devices keep unsent edits as a copy.',
    'Its history would have to end; it would go on with the text that stands beside its state.',
  ],
  history: [
    'The document itself is whole; some moments of its past cannot be shown any more.',
    'The document itself is whole; some moments of its past cannot be shown any more.',
  ],
  gone: ['There is no such document.', 'There is no such document.'],
}

function describeReport({ document, result, findings }: RepairReport, isDryRun: boolean): string[] {
  if (result === 'sound') return []
  const damaged = findings.filter(({ kind }) => kind !== 'text')
  const lines = damaged.slice(0, FINDINGS_TOLD).map(({ kind, seq, reason }) => `  ${NOUNS[kind]} ${seq}: ${reason}`)
  if (damaged.length > FINDINGS_TOLD) lines.push(`  … and ${damaged.length - FINDINGS_TOLD} more`)
  return [`Document ${document}`, ...lines, `  ${OUTCOMES[result][isDryRun ? 1 : 0]}`]
}

function describeCounts(counts: ReadonlyMap<RepairResult, number>, isDryRun: boolean): string {
  const sound = counts.get('sound') ?? 0
  const gone = counts.get('gone') ?? 0
  const damaged = [...counts.values()].reduce((sum, count) => sum + count, 0) - sound - gone
  const all = sound + damaged
  const found = `${all} ${all === 1 ? 'document was' : 'documents were'} looked at, ${damaged} of them damaged.`
  if (damaged === 0) return found
  return isDryRun
    ? `${found} Nothing was changed; without --dry-run they are repaired.`
    : `${found} They are repaired; what could not be read is kept in the table document_quarantine.`
}
