/** The thread of `hunk-threads.ts`: texts and edits come, hunks go. */
import { parentPort } from 'node:worker_threads'
import { findHunks, type WantedHunks } from '../../commands/content/hunk-finder.ts'

parentPort?.on('message', (question: WantedHunks) => parentPort?.postMessage(findHunks(question)))
