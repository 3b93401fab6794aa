/**
 * What a pull stands on, made sure of in the transaction that begins it. A claim ends by itself when its worker stands still for too long, and whoever
 * has it then makes commits: a pull that began all the same would end without them.
 */
import { repositoryQueries, snapshotQueries, type Tx } from '@skein/db'
import type { Oid } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import { type Claim, ClaimLostError } from '../snapshot/claim.ts'

/**
 * Locks the repository. Throws ClaimLostError when the claim is not the latest any more, or our branch is not at `ours`, or a commit is on its way;
 * afterwards no earlier claim can publish anything.
 */
export async function holdBranch(
  tx: Tx,
  { projectId }: ProjectKey,
  { fence }: Pick<Claim, 'fence'>,
  ours: Oid | null,
): Promise<void> {
  const lost = new ClaimLostError(`the claim ${fence} on project ${projectId} was lost`)
  if (!(await repositoryQueries.outdateClaims(tx, projectId, fence))) throw lost
  const found = await repositoryQueries.findRefs(tx, projectId)
  const head = found?.refs.find(({ name }) => name === `refs/heads/${found.defaultBranch}`)?.oid ?? null
  if (head !== ours) throw lost
  if ((await snapshotQueries.listOpenSnapshots(tx, projectId)).length > 0) throw lost
}
