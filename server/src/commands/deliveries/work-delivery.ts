/**
 * The work that a delivery leaves: telling the projects it concerns to look at GitHub, and reading its installation anew where that may have changed.
 * The truth is GitHub's answer now, not the delivery, so two that come in the wrong order end in the same place, and doing it twice is doing it once.
 */
import { type Database, deliveryQueries, installationQueries, outboxQueries } from '@skein/db'
import { describeFailure } from '../github/describe-failure.ts'
import type { GithubAccount } from '../github-app/github-account.ts'
import type { GithubApps } from '../github-app/github-apps.ts'

export interface WorkDeliveryDeps {
  db: Database
  apps: Pick<GithubApps, 'read'>
  account: Pick<GithubAccount, 'readInstallation'>
}

/** `later`: GitHub did not answer, and the delivery keeps until it does. */
export type DeliveryOutcome = { outcome: 'done'; projects: number } | { outcome: 'later'; reason: string }

/** What an event asks for: a look at branches, a look at everything (`deep`), its installation, or nothing. */
type Reach = 'branches' | 'deep' | 'installation' | 'nothing'

const reaches: Readonly<Record<string, Reach>> = {
  push: 'branches',
  create: 'branches',
  delete: 'branches',
  pull_request: 'deep',
  pull_request_review: 'deep',
  check_run: 'deep',
  check_suite: 'deep',
  status: 'deep',
  merge_group: 'deep',
  repository: 'deep',
  public: 'deep',
  branch_protection_rule: 'deep',
  branch_protection_configuration: 'deep',
  repository_ruleset: 'deep',
  installation: 'installation',
  installation_repositories: 'installation',
  installation_target: 'installation',
}

/** Events that are not named here are kept and asked nothing of. */
export const reachOf = (event: string): Reach => (Object.hasOwn(reaches, event) ? (reaches[event] as Reach) : 'nothing')

/** Does the work and marks the delivery as done, in this order: whoever dies between does it again. */
export async function workDelivery(
  deps: WorkDeliveryDeps,
  delivery: deliveryQueries.DeliveryRow,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const { db } = deps
  const reach = reachOf(delivery.event)
  if (reach === 'installation') {
    const reason = await renewInstallation(deps, delivery, signal)
    if (reason !== null) return { outcome: 'later', reason }
  }
  const projects =
    reach === 'nothing' ? [] : await deliveryQueries.listConcerned(db.instance, concernOf(reach, delivery))
  for (const { projectId, workspaceId } of projects) {
    signal.throwIfAborted()
    await db.inWorkspace(workspaceId, (tx) =>
      outboxQueries.askCheck(tx, projectId, {
        reason: 'webhook',
        delivery: delivery.id,
        isDeep: reach !== 'branches',
      }),
    )
  }
  await deliveryQueries.finishDelivery(db.instance, delivery.id)
  return { outcome: 'done', projects: projects.length }
}

/** Rules of an organisation name no repository; what happens to an installation concerns all of it, whichever repository is named. */
const concernOf = (reach: Reach, { repositoryId, installationId }: deliveryQueries.DeliveryRow) => ({
  repositoryId: reach === 'installation' ? null : repositoryId,
  installationId,
})

/** Writes down what GitHub says about the installation now; a sentence when it does not answer. */
async function renewInstallation(
  { db, apps, account }: WorkDeliveryDeps,
  { installationId }: deliveryQueries.DeliveryRow,
  signal: AbortSignal,
): Promise<string | null> {
  if (installationId === null) return null
  if ((await installationQueries.findInstallation(db.instance, installationId)) === null) return null
  const app = await apps.read()
  if (app === null) return null
  const answer = await account.readInstallation(app, installationId, signal)
  if (answer.ok) await installationQueries.updateInstallation(db.instance, installationId, answer.value)
  else if (answer.failure.kind === 'installation-gone') {
    await installationQueries.markInstallationRemoved(db.instance, installationId)
  } else return describeFailure(answer.failure, 'The installation').message
  return null
}
