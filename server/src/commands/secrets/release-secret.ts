/** A person lets a possible secret pass: recorded with who, when and why, and the push is asked for again. */
import { type Database, outboxQueries, secretFindingQueries, syncOperationQueries } from '@skein/db'
import { Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { requireInPerson } from '../../policies/in-person.ts'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import { lockLink } from '../github/lock-link.ts'
import { readGithubStatus } from '../github/read-status.ts'

/** One that was let pass already stays so. @throws Refusal not-found when there is no such finding, or it is gone; forbidden for API tokens */
export async function releaseSecret(
  { db, record }: { db: Database; record: RecordEvent },
  project: ProjectKey,
  actor: Actor,
  id: string,
  note: string | null,
): Promise<void> {
  requireInPerson(actor, 'let what looks like a secret pass')
  const { projectId, workspaceId } = project
  await db.inWorkspace(workspaceId, async (tx) => {
    const link = await lockLink(tx, projectId)
    const released = await secretFindingQueries.releaseSecretFinding(tx, projectId, id, actor.userId, note)
    if (!released) {
      if ((await secretFindingQueries.findSecretState(tx, projectId, id)) === 'released') return
      throw new Refusal('not-found', 'There is no such finding any more: what it was about is gone.', {
        hint: 'Look at the list anew.',
      })
    }
    if (link !== null) {
      const { path, line } = released
      await syncOperationQueries.insertSyncEvent(tx, project, {
        mode: link.mode,
        branch: link.branch,
        trigger: 'person',
        state: 'done',
        delivery: null,
        pullRequest: null,
        code: null,
        note: `${actor.name} let pass what looked like a secret in ${path}, line ${line}${note ? `: ${note}` : ''}`,
      })
      await outboxQueries.askCheck(tx, projectId, { reason: 'person' })
      await outboxQueries.hurrySync(tx, projectId)
    }
    await record(tx, project, { type: 'sync', github: await readGithubStatus(tx, projectId) })
  })
}
