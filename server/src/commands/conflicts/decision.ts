/** A decision of a person about a conflict: who makes it, what it needs, and what whoever comes too late is told. */
import type { conflictQueries, Database } from '@skein/db'
import { type ConflictChoice, personToActorKey, Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import type { RecordEvent } from '../event-hub.ts'
import type { GitStore } from '../git-store.ts'
import type { LiveDocuments } from '../live-documents.ts'

export interface DecideDeps {
  db: Database
  record: RecordEvent
  documents: Pick<LiveDocuments, 'write' | 'place'>
  git: Pick<GitStore, 'readBlobs'>
}

/** Who decides what. */
export interface Decision {
  actor: Actor
  choice: ConflictChoice
  /** Whether the conflict is closed with it. */
  closes: boolean
  /** Rejects when the actor may not write any more. */
  checkRight(): Promise<unknown>
}

export const actorOf = ({ actor: { userId } }: Decision) => personToActorKey(userId)
export const personOf = ({ actor: { userId, name } }: Decision) => ({ id: userId as string, name })

/** The refusal of a decision that somebody else has made before. */
export function refuseDecided({ id, choice, resolvedBy }: conflictQueries.ConflictRow): Refusal {
  const who = resolvedBy === null ? 'The policy of the project' : (resolvedBy.name ?? 'Somebody who has left')
  const whats = { ours: 'ours', theirs: "GitHub's", both: 'both', current: 'the text as it is' }
  return new Refusal('conflict-decided', `${who} has decided about this already, for ${whats[choice ?? 'current']}.`, {
    hint: 'Edit the file if you want it otherwise. Nothing was changed.',
    details: { id, choice, by: resolvedBy },
  })
}

/** The refusal of a decision about versions that a pull has replaced meanwhile. */
export const refuseRetold = ({ id, path }: conflictQueries.ConflictRow): Refusal =>
  new Refusal('conflict-moved', `GitHub has another version of “${path}” now than the one you looked at.`, {
    hint: 'Look at the conflict again, then decide. Nothing was changed.',
    details: { id },
  })
