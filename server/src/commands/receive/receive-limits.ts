/** How much a push may bring, and how long it may take. */
import { pullBytesMax } from '../pull/pull-limits.ts'

/** Most bytes of one pack. */
export const pushBytesMax = pullBytesMax
/** Pushes that are received and merged at once. */
export const atOnceMax = 4
/** Pushes of a person that have begun to be sent: one has its turn, the others wait. */
export const atOnceOfPersonMax = 8
/** How long a push waits for its turn. */
export const turnWaitMs = 60_000
/** How long a push that has arrived waits for commits and pulls of others to end, and for itself to be merged. */
export const mergeWaitMs = 120_000
/** How often it looks meanwhile. */
export const lookEveryMs = 200
