/** How much a push may bring, and how long it may take. */
import { pullBytesMax } from '../pull/pull-limits.ts'

/** Most bytes of one pack. */
export const pushBytesMax = pullBytesMax
/** How long a push waits for another one of the project to end. */
export const turnWaitMs = 60_000
/** How long a push that has arrived waits for commits and pulls of others to end, and for itself to be merged. */
export const mergeWaitMs = 120_000
/** How often it looks meanwhile. */
export const lookEveryMs = 200
