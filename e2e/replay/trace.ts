/** Recorded editing sessions (`../shared/data/editing-traces`), where they are there; their README says what they are and whose. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

const FOLDER = path.resolve(import.meta.dirname, '../../../shared/data/editing-traces')

/** `[position, deleted, inserted]`, in order, each in the text that the one before has left. */
type Patch = [number, number, string]

export interface Transaction {
  patches: Patch[]
  /** Who made it; sessions of one author leave it out. */
  agent?: number
  /** Indexes of the transactions whose merge it was typed into; sessions of one author leave it out. */
  parents?: number[]
}

export interface Trace {
  startContent: string
  endContent: string
  txns: Transaction[]
}

export type TraceName = 'automerge-paper' | 'rustcode' | 'friendsforever'

/** Whether the sessions are beside the project; tests that need them are skipped otherwise. */
export const hasTraces = existsSync(FOLDER)

export const readTrace = (name: TraceName): Trace =>
  JSON.parse(gunzipSync(readFileSync(path.join(FOLDER, `${name}.json.gz`))).toString()) as Trace
