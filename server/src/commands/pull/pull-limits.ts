/** How much a pull may bring. What is above is refused in words before anything of it is kept; the limits of an import, for the same reasons. */
import { fileBytesMax } from '../files/new-content.ts'
import { importFilesMax, importPackBytesMax, importTreeBytesMax } from '../import/import-limits.ts'

/** Most bytes of one fetch. */
export const pullBytesMax = importPackBytesMax
export const pullTreeLimits = { filesMax: importFilesMax, bytesMax: importTreeBytesMax, fileBytesMax }
/** Commits that become rows with one statement. */
export const commitsPerBatch = 1000
/** Files that are changed with one statement, and told in one event. */
export const filesPerBatch = 1000
/** Bytes of new texts in one transaction. */
export const textBytesPerBatch = 8 * 1024 * 1024
/** Texts that are merged at a time: three texts in memory each, and a write to a live document. Runs of Git take many of them together. */
export const mergesAtOnce = 16
/** Texts that may have to be merged again after a kill, because they were not noted yet. */
export const mergesPerNote = 32
/** How long a pull waits for a commit that is being made. */
export const claimWaitMs = 2_000
/** How often a pull looks again at files that people changed under its hands, before it leaves the rest to the next try. */
export const roundsMax = 20
/** Faults of our own after which a pull is given up, so that commits go on. */
export const faultsMax = 5
/** How long a text that cannot be read or written may keep a pull, and with it every commit, waiting; from then on it is a fault like any other. */
export const unavailableMsMax = 60 * 60_000
/** How often the claim is looked at while a step takes long; it is renewed when it is due. */
export const claimKeepMs = 5_000
