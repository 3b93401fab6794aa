// The rolling pull request as GitHub last told of it.

import type { PullRequestView } from '@skein/protocol'
import { GitMerge, GitPullRequest, GitPullRequestClosed } from 'lucide-react'
import { Icon } from '../../components/icon.tsx'

const looks = {
  open: { icon: GitPullRequest, tone: 'good', chip: 'chip chip-good', words: 'Open' },
  merged: { icon: GitMerge, tone: 'faint', chip: 'chip', words: 'Merged' },
  closed: { icon: GitPullRequestClosed, tone: 'warn', chip: 'chip chip-warn', words: 'Closed' },
} as const

const told = {
  open: 'holds what was committed here since the last merge',
  merged: 'the next commit starts another one',
  closed: 'nothing of it was merged',
} as const

export function PullRequestCard({ pullRequest: { number, title, url, state } }: { pullRequest: PullRequestView }) {
  const { icon, tone, chip, words } = looks[state]
  return (
    <>
      <h2 className="list-title">Pull request</h2>
      <div className="sheet ops">
        <div className="op-row">
          <Icon of={icon} className={tone} />
          <span className="grow">
            <a className="link strong" href={url} target="_blank" rel="noreferrer">
              #{number} {title}
            </a>{' '}
            <span className="faint">{told[state]}</span>
          </span>
          <span className={chip}>{words}</span>
        </div>
      </div>
    </>
  )
}
