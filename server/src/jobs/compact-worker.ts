/** The inside of the compaction thread: a document's id comes, a report goes. */
import { parentPort, workerData } from 'node:worker_threads'
import { openDatabase } from '@skein/db'
import type { DocumentId } from '@skein/protocol'
import { keepCompact } from '../commands/history/keep-compact.ts'
import type { ThreadAnswer } from './compact-thread.ts'

const db = openDatabase(workerData as string)
parentPort?.on('message', async (document: DocumentId) => {
  const answer: ThreadAnswer = await keepCompact(db, document).then(
    (report) => ({ report }),
    (error: unknown) => ({ error: error instanceof Error ? error : new Error(String(error)) }),
  )
  parentPort?.postMessage(answer)
})
