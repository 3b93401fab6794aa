/** What becomes known of damaged documents and of compaction: to the log with their ids, to Prometheus as numbers. */
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

/** A document that was looked at because something in it could not be read. */
interface Repair {
  document: string
  /** From a short closed list. */
  result: string
  findings: readonly { kind: string; seq: number; reason: string }[]
}

export interface DocumentNews {
  repaired(report: Repair): void
  compacted(document: string, report: { outcome: string; rows: number; repair: Repair | null }): void
}

/** Registers the metrics; call it once for a registry. */
export const createDocumentNews = (log: Log, metrics: Metrics): DocumentNews => {
  const repairs = metrics.counterBy(
    'skein_documents_repaired_total',
    'Damaged documents, by what became of them',
    'result',
  )
  const quarantined = metrics.counterBy('skein_quarantined_total', 'Stored values that were set aside', 'kind')
  const compactions = metrics.counterBy('skein_compactions_total', 'Compactions of documents', 'outcome')
  const rows = metrics.counter('skein_compacted_rows_total', 'Rows that moved from the log into the history')
  const repaired = ({ document, result, findings }: Repair): void => {
    repairs(result)
    for (const { kind } of findings) quarantined(kind)
    const about = { document, result, findings: findings.slice(0, 20) }
    if (findings.length > 0) log.error(about, 'a document was damaged; what could not be read was set aside')
    else log.error(about, 'a document could not be read, and nothing in it was found to be damaged')
  }
  return {
    repaired,
    compacted: (document, report) => {
      compactions(report.outcome)
      rows(report.rows)
      if (report.repair) repaired(report.repair)
      if (report.outcome === 'damaged')
        log.error({ document }, 'a document could not be compacted; it is tried again later')
      if (report.outcome === 'postponed')
        log.warn(
          { document },
          'a document is whole, but its state would not give the same document back; it stays as it is, and its compaction is tried again later',
        )
    },
  }
}
