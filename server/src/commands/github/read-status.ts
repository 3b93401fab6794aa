/** Where a project stands with GitHub, from our own rows alone. */
import { githubLinkQueries, outboxQueries, projectQueries, type Sql } from '@skein/db'
import type { GithubStatus, ProjectId } from '@skein/protocol'

const notLinked: GithubStatus = {
  state: 'not-linked',
  repository: null,
  mode: 'protected_pr',
  modeReason: null,
  overlaps: 'ask',
  pausedBy: null,
  pushedOid: null,
  pushedAt: null,
  commitUrl: null,
  waitingCommits: 0,
  remote: null,
  pullRequest: null,
  openConflicts: 0,
  quota: null,
  reason: null,
}

/** `sql` is a transaction of the project's workspace. */
export async function readGithubStatus(sql: Sql, project: ProjectId): Promise<GithubStatus> {
  const link = await githubLinkQueries.findGithubLink(sql, project)
  if (link === null) return notLinked
  const { fullName, htmlUrl, branch, pushedOid, pushedAt } = link
  const waitingCommits = await githubLinkQueries.countOwnCommitsAfter(sql, project, pushedOid, false)
  const head = await projectQueries.findHeadOid(sql, project)
  const isPushed = head === null || head === pushedOid
  const state = link.state === 'held' ? 'held' : isPushed ? 'pushed' : 'waiting'
  return {
    state,
    repository: {
      fullName,
      url: htmlUrl,
      branch,
      directory: link.directory,
      repositoryId: link.repositoryId,
      installationId: link.installationId,
    },
    mode: link.mode,
    modeReason: link.modeReason,
    overlaps: link.overlaps,
    pausedBy: link.pausedBy,
    remote: {
      oid: link.remoteOid,
      checkedAt: link.checkedAt?.toISOString() ?? null,
      nextCheckAt: (await outboxQueries.findSync(sql, project))?.nextAt.toISOString() ?? null,
    },
    pullRequest: null,
    openConflicts: 0,
    quota: null,
    pushedOid,
    pushedAt: pushedAt?.toISOString() ?? null,
    commitUrl: pushedOid === null ? null : `${htmlUrl}/commit/${pushedOid}`,
    waitingCommits: isPushed ? 0 : waitingCommits,
    reason: state === 'pushed' ? null : await readReason(sql, link),
  }
}

async function readReason(sql: Sql, link: githubLinkQueries.GithubLinkRow): Promise<GithubStatus['reason']> {
  if (link.state === 'held') return { code: link.heldCode ?? 'held', message: link.heldMessage ?? '', nextAt: null }
  const waiting = await outboxQueries.findSync(sql, link.projectId)
  if (waiting === null || waiting.errorCode === null) return null
  return { code: waiting.errorCode, message: waiting.errorMessage ?? '', nextAt: waiting.nextAt.toISOString() }
}
