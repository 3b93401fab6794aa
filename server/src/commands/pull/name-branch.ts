/** The one place where a project's branch gets its name from elsewhere: from the first push, or from the branch that it is linked to. */
import { pullQueries, type Tx } from '@skein/db'
import type { ProjectId } from '@skein/protocol'
import { isBranchName } from '../../policies/branch-name.ts'

/** Names the branch of a project without commits. Throws on a name that Git forbids: it would make the whole repository unreadable. */
export async function nameBranch(tx: Tx, project: ProjectId, branch: string): Promise<void> {
  if (!isBranchName(branch)) throw new Error(`${JSON.stringify(branch)} cannot be the name of a branch`)
  await pullQueries.setDefaultBranch(tx, project, branch)
}
