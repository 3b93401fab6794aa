'use client'
// The link to GitHub: where both sides stand, what waits and for whom, what happened. It follows the events of the project and
// asks again every few seconds; nothing here is assumed before the server has told it.

import type { GithubStatus, Project, ProjectStatus } from '@skein/protocol'
import { Link2, Pause, RefreshCw } from 'lucide-react'
import { Button, LinkButton } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { Knot } from '../../components/knot.tsx'
import { Notice } from '../../components/notice.tsx'
import { PageState } from '../../components/page-state.tsx'
import { ServerState } from '../../components/server-state.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useGithubStatus, useSecretFindings, useSyncOperations } from '../../lib/api/github.ts'
import { githubSettingsPath } from '../../lib/paths.ts'
import { isAtLeast } from '../../lib/roles.ts'
import { useNow } from '../../lib/use-now.ts'
import { sheetId } from '../editor/editor-ids.ts'
import type { Rights } from '../project/rights.ts'
import { driftOf } from './drift.ts'
import { Ends } from './ends.tsx'
import { OperationList } from './operation-list.tsx'
import { PullRequestCard } from './pull-request-card.tsx'
import { SecretFindings } from './secret-findings.tsx'
import { SyncNotices } from './sync-notices.tsx'
import { answerToWords, checkToWords, countOf, quotaToWords } from './sync-words.ts'
import type { SyncActions } from './use-sync-actions.ts'
import './sync.css'

/** Events tell of changes; this often, in milliseconds, the page asks for what changes without one: times and budget. */
const askEveryMs = 10_000

export type SyncPageProps = {
  project: Project
  reference: string
  status: ProjectStatus | undefined
  rights: Rights
  actions: SyncActions
}

export function SyncPage({ project, reference, status, rights, actions }: SyncPageProps) {
  const query = useGithubStatus(project.id, { everyMs: askEveryMs })
  const github = query.data ?? status?.github
  const canSync = rights.isEditor && !rights.isAway
  const canChange = canSync && isAtLeast(project.role, 'admin')
  const isLinked = github !== undefined && github.state !== 'not-linked'
  const { work } = actions
  return (
    <main className="main main-wide sheet sync" id={sheetId} data-region tabIndex={-1} aria-labelledby="sync-title">
      <header className="bar">
        <h1 className="strong grow clip" id="sync-title">
          Sync with GitHub
        </h1>
        {isLinked && canChange && github.state !== 'paused' && (
          <Button
            kind="quiet"
            size="sm"
            busy={work?.kind === 'change' && work.change.paused === true}
            onClick={() => actions.change({ paused: true })}
          >
            <Icon of={Pause} size="sm" /> Pause sync
          </Button>
        )}
        {isLinked && canSync && (
          <Button size="sm" busy={work?.kind === 'check'} onClick={actions.check}>
            <Icon of={RefreshCw} size="sm" /> Check now
          </Button>
        )}
      </header>
      <div className="sync-body">
        {!github && query.isPending && <Bones />}
        {!github && query.isError && (
          <ServerState error={toApiError(query.error)} onRetry={() => void query.refetch()} />
        )}
        {github?.state === 'not-linked' && <NotLinked {...{ project, reference }} canLink={canChange} />}
        {isLinked && <Linked {...{ project, reference, status, github, canSync, canChange, actions }} />}
      </div>
      {isLinked && <Foot github={github} />}
    </main>
  )
}

function Linked({
  project,
  reference,
  status,
  github,
  canSync,
  canChange,
  actions,
}: Omit<SyncPageProps, 'rights'> & { github: GithubStatus; canSync: boolean; canChange: boolean }) {
  const now = useNow(5_000)
  const operations = useSyncOperations(project.id)
  const findings = useSecretFindings(project.id).data ?? []
  const known = operations.data?.pages.flatMap(({ items }) => items) ?? []
  const running = known.find(({ state, direction }) => state === 'running' && direction === 'pull')
  const isFirst = running !== undefined && !known.some(({ state }) => state === 'done')
  const pulled = known.find(({ conflicts }) => (conflicts ?? 0) > 0)?.commits ?? null
  return (
    <>
      <Ends {...{ project, github, now, canChange, actions }} head={status?.head} drift={driftOf(github, known)} />
      <div className="sync-notices">
        {actions.error && (
          <Notice kind="bad" title={actions.error.message}>
            {actions.error.hint}
          </Notice>
        )}
        {isFirst && <FirstPull commits={running.commits} files={running.files} />}
        <SyncNotices {...{ reference, github, pulled, now, canSync, canChange, actions }} />
        {findings.length > 0 && (
          <SecretFindings projectId={project.id} reference={reference} findings={findings} canRelease={canSync} />
        )}
      </div>
      {github.pullRequest && <PullRequestCard pullRequest={github.pullRequest} />}
      <OperationList projectId={project.id} github={github} query={operations} now={now} canRetry={canSync} />
    </>
  )
}

function FirstPull({ commits, files }: { commits: number | null; files: number | null }) {
  const counted = [commits && countOf(commits, 'commit'), files && countOf(files, 'file')].filter(Boolean).join(', ')
  return (
    <div className="notice" role="status">
      <span className="op-knot">
        <Knot kind="busy" />
      </span>
      <div className="grow">
        <b className="strong">Reading what is on GitHub{counted && `: ${counted}`}.</b>
        <p className="quiet">
          It is merged into the files while you edit. You can leave this page; the list below tells when it is done.
        </p>
      </div>
    </div>
  )
}

function NotLinked({ project, reference, canLink }: { project: Project; reference: string; canLink: boolean }) {
  return (
    <PageState
      icon={Link2}
      title="Not linked to GitHub"
      actions={
        canLink && (
          <LinkButton kind="primary" href={githubSettingsPath(reference)}>
            Link to GitHub
          </LinkButton>
        )
      }
    >
      {project.name} has its own Git history and can be cloned from Skein. Linked to a repository, commits go there and
      come from there by themselves. {!canLink && `Admins of ${project.workspace.name} can link it.`}
    </PageState>
  )
}

function Foot({ github }: { github: GithubStatus }) {
  const now = useNow()
  return (
    <footer className="status sync-foot">
      <span>{answerToWords(github)}</span>
      {github.quota && <span className="num only-wide">{quotaToWords(github.quota, now)}</span>}
      <span className="grow" />
      <span>{checkToWords(github)}</span>
    </footer>
  )
}

function Bones() {
  return (
    <div className="sync-bones" aria-busy="true" role="status" aria-label="Asking where both sides stand">
      <div className="ends">
        <span className="end">
          <Bone width="40px" />
          <Bone width="140px" />
          <Bone width="170px" />
        </span>
        <Bone width="200px" />
        <span className="end">
          <Bone width="50px" />
          <Bone width="150px" />
          <Bone width="180px" />
        </span>
      </div>
      <Bone width="100%" height={72} />
      <Bone width="100%" height={132} />
    </div>
  )
}
