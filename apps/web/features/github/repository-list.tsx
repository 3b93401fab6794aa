'use client'
// The repositories that an installation reaches, searched by the server while one types. cmdk keeps keys and roles.

import type { GithubInstallation, GithubRepositoryChoice } from '@skein/protocol'
import { Command } from 'cmdk'
import { Lock, Search } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useRepositories } from '../../lib/api/installations.ts'
import { OpenOnGithub } from './connect-states.tsx'
import { useSettled } from './use-settled.ts'

/** A pause in typing after which the server is asked. */
const pauseMs = 250

type RepositoryListProps = {
  workspace: string
  installation: GithubInstallation
  query: string
  takesFocus: boolean
  onQuery: (query: string) => void
  onChoose: (repository: GithubRepositoryChoice) => void
}

export function RepositoryList({ workspace, installation, query, takesFocus, onQuery, onChoose }: RepositoryListProps) {
  const field = useRef<HTMLInputElement>(null)
  const wanted = useSettled(query.trim(), pauseMs)
  const found = useRepositories(workspace, installation.installationId, wanted)
  const typed = query.trim().toLowerCase()
  // What is known already is narrowed at once, so that Enter never takes what no longer fits; the server's answer follows.
  const repositories = (found.data?.pages.flatMap(({ items }) => items) ?? []).filter(({ fullName }) =>
    fullName.toLowerCase().includes(typed),
  )
  const isAsking = found.isPending || found.isPlaceholderData || wanted !== query.trim()
  const isEmpty = !isAsking && found.isSuccess && repositories.length === 0 && !found.hasNextPage
  useEffect(() => {
    if (takesFocus) field.current?.focus()
  }, [takesFocus])
  return (
    <Command className="repositories" shouldFilter={false} loop label="Repository">
      <div className="repositories-input">
        <Icon of={Search} className="faint" />
        <Command.Input ref={field} value={query} onValueChange={onQuery} placeholder="Search by name" />
      </div>
      <div className="repositories-body">
        <Command.List className="options" label="Repositories">
          {repositories.map((repository) => (
            <Command.Item
              key={repository.repositoryId}
              value={String(repository.repositoryId)}
              disabled={repository.isArchived}
              onSelect={() => onChoose(repository)}
            >
              <span className="grow clip" title={repository.fullName}>
                {repository.fullName}
              </span>
              <Marks repository={repository} />
            </Command.Item>
          ))}
        </Command.List>
        {isAsking && !found.isError && repositories.length === 0 && <Bones />}
        {found.isError && repositories.length === 0 && (
          <State title={toApiError(found.error).message} words={toApiError(found.error).hint}>
            <Button onClick={() => void found.refetch()}>Try again</Button>
          </State>
        )}
        {isEmpty && <NothingFound installation={installation} query={wanted} onAgain={() => void found.refetch()} />}
        {found.hasNextPage && (
          <Button
            kind="quiet"
            size="sm"
            className="repositories-more"
            busy={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            Show more
          </Button>
        )}
      </div>
    </Command>
  )
}

/** What tells one repository from another. */
function Marks({ repository: { isPrivate, isArchived, isEmpty, linked } }: { repository: GithubRepositoryChoice }) {
  const [first, ...others] = linked
  return (
    <>
      {first && (
        <span className="faint xs clip" title={linked.map(({ name }) => name).join(', ')}>
          used by {first.name}
          {others.length > 0 && ` and ${others.length} more`}
        </span>
      )}
      {isEmpty && <span className="chip">Empty</span>}
      {isArchived && <span className="chip">Archived</span>}
      {isPrivate && (
        <span className="faint xs">
          <Icon of={Lock} size="sm" /> Private
        </span>
      )}
    </>
  )
}

function NothingFound({
  installation,
  query,
  onAgain,
}: {
  installation: GithubInstallation
  query: string
  onAgain: () => void
}) {
  const { account, settingsUrl } = installation
  return (
    <State
      title={query ? `“${query}” is in none of the names` : `The App may use no repository of ${account} yet`}
      words={`Only repositories that ${account} has given to the App are listed. More can be chosen on GitHub.`}
    >
      <OpenOnGithub href={settingsUrl}>Choose repositories</OpenOnGithub>
      <Button kind="quiet" onClick={onAgain}>
        Look again
      </Button>
    </State>
  )
}

function State({ title, words, children }: { title: string; words: string | undefined; children: React.ReactNode }) {
  return (
    <div className="repositories-state" role="status">
      <b className="strong">{title}</b>
      {words && <p className="quiet">{words}</p>}
      <div className="row">{children}</div>
    </div>
  )
}

function Bones() {
  return (
    <div className="repositories-bones" role="status" aria-label="Asking GitHub for repositories">
      {['46%', '62%', '38%', '54%'].map((width) => (
        <Bone key={width} width={width} />
      ))}
    </div>
  )
}
