'use client'
// A link to GitHub as it stands, in few lines: to which repository, how far it got, and the way to the page with all of it. Below,
// for admins, what can be changed about it.

import type { GithubStatus, Project } from '@skein/protocol'
import { LinkButton } from '../../components/button.tsx'
import { GitHubMark } from '../../components/icon.tsx'
import { Knot, type KnotKind } from '../../components/knot.tsx'
import { Notice } from '../../components/notice.tsx'
import type { useLinkGithub } from '../../lib/api/github.ts'
import { syncPath } from '../../lib/paths.ts'
import { formatAgo, formatExactly } from '../../lib/time.ts'
import { useNow } from '../../lib/use-now.ts'
import { countOf, labelOf, modeChoices, overlapChoices, shortOid } from '../sync/sync-words.ts'
import { LinkChanges } from './link-changes.tsx'
import { Unlink } from './unlink.tsx'
import '../github/github.css'

/** The state of a link that exists. */
export function GithubLink({
  project,
  github,
  canChange,
  undo,
}: {
  project: Project
  github: GithubStatus
  canChange: boolean
  /** Links again what was unlinked. */
  undo: ReturnType<typeof useLinkGithub>
}) {
  const now = useNow()
  const { repository } = github
  if (!repository) return null
  return (
    <>
      {github.state === 'held' && github.reason && <Notice kind="warn" title={github.reason.message} />}
      <div className="card facts-card">
        <div>
          <GitHubMark />
          <span className="grow">
            <a className="link strong" href={repository.url} target="_blank" rel="noreferrer">
              {repository.fullName}
            </a>{' '}
            <span className="faint">
              {repository.directory && `folder ${repository.directory}, `}branch {repository.branch}
            </span>
          </span>
          <LinkButton size="sm" href={syncPath(project.id)}>
            Open sync
          </LinkButton>
        </div>
        <Standing github={github} now={now} />
        {!canChange && (
          <div className="faint">
            Work leaves {lower(labelOf(modeChoices, github.mode))}. Where both change a line,{' '}
            {lower(labelOf(overlapChoices, github.overlaps))}.
          </div>
        )}
      </div>
      {canChange && (
        <>
          <LinkChanges
            key={`${repository.branch} ${github.mode} ${github.overlaps}`}
            projectId={project.id}
            github={github}
          />
          <Unlink projectId={project.id} github={github} undo={undo} />
        </>
      )}
    </>
  )
}

const lower = (words: string): string =>
  words.startsWith('GitHub') ? words : words.charAt(0).toLowerCase() + words.slice(1)

function factOf({ state, reason }: GithubStatus): { knot: KnotKind; words: string } {
  if (state === 'held') return { knot: 'warn', words: 'Held. Last push' }
  if (state === 'paused') return { knot: 'open', words: 'Paused. Last push' }
  if (state === 'waiting') return { knot: reason ? 'warn' : 'busy', words: 'Last push' }
  return { knot: 'done', words: 'Pushed' }
}

function Standing({ github, now }: { github: GithubStatus; now: Date }) {
  const { pushedOid, pushedAt, commitUrl, waitingCommits, pullRequest, state } = github
  const { knot, words } = factOf(github)
  return (
    <div>
      {pushedOid && pushedAt ? (
        <>
          <Knot kind={knot} />
          <span title={formatExactly(pushedAt)}>
            {words}{' '}
            {commitUrl ? (
              <a className="link" href={commitUrl} target="_blank" rel="noreferrer">
                <code>{shortOid(pushedOid)}</code>
              </a>
            ) : (
              <code>{shortOid(pushedOid)}</code>
            )}{' '}
            {formatAgo(pushedAt, now)}
          </span>
        </>
      ) : (
        <>
          <Knot kind={state === 'pushed' ? 'open' : knot} />
          <span>Nothing pushed yet</span>
        </>
      )}
      {waitingCommits > 0 && <span className="faint">{countOf(waitingCommits, 'commit')} waiting</span>}
      {pullRequest?.state === 'open' && (
        <a className="link" href={pullRequest.url} target="_blank" rel="noreferrer">
          Pull request {pullRequest.number}
        </a>
      )}
    </div>
  )
}
