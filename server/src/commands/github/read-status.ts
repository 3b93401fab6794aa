/** Where a project stands with GitHub, from our own rows alone. */
import {
  commitMapQueries,
  conflictQueries,
  githubLinkQueries,
  outboxQueries,
  projectQueries,
  type Sql,
} from '@skein/db'
import type { GithubStatus, Oid, ProjectId } from '@skein/protocol'

type Link = githubLinkQueries.GithubLinkRow

/** `sql` is a transaction of the project's workspace. */
export async function readGithubStatus(sql: Sql, project: ProjectId): Promise<GithubStatus> {
  const link = await githubLinkQueries.findGithubLink(sql, project)
  if (link === null) return readNotLinked(sql, project)
  const row = await outboxQueries.findSync(sql, project)
  const head = await projectQueries.findHeadOid(sql, project)
  const state = toState(link, head, row)
  const isRemoteKnown = link.pushedOid !== null || link.mergedOid !== null
  const { pushedOid, pushedAt } = link
  return {
    state,
    repository: {
      fullName: link.fullName,
      url: link.htmlUrl,
      branch: link.branch,
      directory: link.directory,
      repositoryId: link.repositoryId,
      installationId: link.installationId,
    },
    former: null,
    mode: link.mode,
    modeReason: link.modeReason,
    overlaps: link.overlaps,
    pausedBy: link.pausedBy,
    pushedOid,
    pushedAt: pushedAt?.toISOString() ?? null,
    commitUrl: pushedOid === null ? null : `${link.htmlUrl}/commit/${await toRemoteOid(sql, link, pushedOid)}`,
    waitingCommits: isThere(link, head)
      ? 0
      : await githubLinkQueries.countOwnCommitsAfter(sql, project, pushedOid ?? link.mergedOid, isRemoteKnown),
    remote: {
      oid: link.remoteOid,
      checkedAt: link.checkedAt?.toISOString() ?? null,
      nextCheckAt: link.pausedAt === null ? (row?.nextAt.toISOString() ?? null) : null,
    },
    pullRequest: toPullRequest(link),
    openConflicts: await conflictQueries.countOpenConflicts(sql, project),
    quota: await readQuota(sql, link),
    reason: toReason(link, row),
  }
}

/** What one of our commits is at GitHub. */
async function toRemoteOid(sql: Sql, { projectId, directory }: Link, oid: Oid): Promise<Oid> {
  if (directory === '') return oid
  const [found] = await commitMapQueries.findRemoteCommits(sql, { projectId, directory }, [oid])
  return found?.remote ?? oid
}

async function readNotLinked(sql: Sql, project: ProjectId): Promise<GithubStatus> {
  const former = await githubLinkQueries.findFormerLink(sql, project)
  return {
    state: 'not-linked',
    repository: null,
    former: former && {
      fullName: former.fullName,
      url: former.htmlUrl,
      branch: former.branch,
      directory: former.directory,
      repositoryId: former.repositoryId,
      installationId: former.installationId,
    },
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
    openConflicts: await conflictQueries.countOpenConflicts(sql, project),
    quota: null,
    reason: null,
  }
}

/** GitHub has our head, which may have come from there, or a look found that nothing of it is left to say there. */
const isThere = ({ pushedOid, mergedOid, settledOid }: Link, head: Oid | null): boolean =>
  head === null || [pushedOid, mergedOid, settledOid].includes(head)

function toState(link: Link, head: Oid | null, row: outboxQueries.OutboxRow | null): GithubStatus['state'] {
  if (link.pausedAt !== null) return 'paused'
  if (link.state === 'held') return 'held'
  // Without a commit of our own everything is there, unless what stands on GitHub is on its way, or not known yet.
  const isAsked = row !== null && row.checkReason !== null && row.checkReason !== 'poll'
  const isComing = head === null && isAsked && (link.checkedAt === null || link.remoteOid !== null)
  return isThere(link, head) && !isComing ? 'pushed' : 'waiting'
}

/** Also while everything is there: that GitHub cannot be looked at is worth knowing. */
function toReason(link: Link, row: outboxQueries.OutboxRow | null): GithubStatus['reason'] {
  if (link.state === 'held') return { code: link.heldCode ?? 'held', message: link.heldMessage ?? '', nextAt: null }
  if (row === null || row.errorCode === null) return null
  return { code: row.errorCode, message: row.errorMessage ?? '', nextAt: row.nextAt.toISOString() }
}

function toPullRequest({ prNumber, prTitle, prUrl, prState }: Link): GithubStatus['pullRequest'] {
  if (prNumber === null || prUrl === null || prState === null) return null
  return { number: prNumber, title: prTitle ?? '', url: prUrl, state: prState }
}

async function readQuota(sql: Sql, { installationId }: Link): Promise<GithubStatus['quota']> {
  const quota = await githubLinkQueries.findQuota(sql, installationId)
  if (quota === null || quota.quotaLeft === null || quota.quotaLimit === null) return null
  return {
    left: quota.quotaLeft,
    limit: quota.quotaLimit,
    resetsAt: quota.quotaResetsAt?.toISOString() ?? null,
  }
}
