'use client'
// The repository: a list that is searched by typing, or the one that was chosen, with a way back to the list. The list keeps its
// height whatever it holds, so that nothing below it moves while GitHub is asked.

import type { GithubInstallation, GithubRepositoryChoice } from '@skein/protocol'
import { CircleAlert, Plus } from 'lucide-react'
import { useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { GitHubMark, Icon } from '../../components/icon.tsx'
import type { ChosenRepository } from './link-choice.ts'
import { NewRepository } from './new-repository.tsx'
import { RepositoryList } from './repository-list.tsx'

type RepositoryFieldProps = {
  workspace: string
  installation: GithubInstallation
  repository: ChosenRepository | null
  fault: string | undefined
  onChange: (repository: GithubRepositoryChoice | null) => void
}

export function RepositoryField({ workspace, installation, repository, fault, onChange }: RepositoryFieldProps) {
  const [query, setQuery] = useState('')
  const [isCreating, setCreating] = useState(false)
  const [isBack, setBack] = useState(false)
  const field = useRef<HTMLDivElement>(null)
  const choose = (chosen: GithubRepositoryChoice) => {
    onChange(chosen)
    setCreating(false)
    // The list goes away under the focus; what stands in its place takes it.
    requestAnimationFrame(() => field.current?.querySelector<HTMLElement>('.chosen button')?.focus())
  }
  return (
    <div className="field repository-field" ref={field}>
      <span className="label" aria-hidden="true">
        Repository
      </span>
      {repository ? (
        <Chosen
          repository={repository}
          onChange={() => {
            setBack(true)
            onChange(null)
          }}
        />
      ) : (
        <>
          <RepositoryList
            workspace={workspace}
            installation={installation}
            query={query}
            takesFocus={isBack}
            onQuery={setQuery}
            onChoose={choose}
          />
          {isCreating ? (
            <NewRepository
              workspace={workspace}
              installation={installation}
              onMade={choose}
              onLook={(name) => {
                setQuery(name)
                setBack(true)
              }}
              onCancel={() => setCreating(false)}
            />
          ) : (
            <Button kind="quiet" className="repository-new" onClick={() => setCreating(true)}>
              <Icon of={Plus} size="sm" /> New repository
            </Button>
          )}
        </>
      )}
      {fault && (
        <span className="fault" role="alert">
          <Icon of={CircleAlert} size="sm" />
          {fault}
        </span>
      )}
    </div>
  )
}

function Chosen({ repository, onChange }: { repository: ChosenRepository; onChange: () => void }) {
  return (
    <div className="chosen">
      <GitHubMark />
      <span className="grow clip strong" title={repository.fullName}>
        {repository.fullName}
      </span>
      {repository.isEmpty && <span className="chip">Empty</span>}
      <Button size="sm" aria-label="Change repository" onClick={onChange}>
        Change
      </Button>
    </div>
  )
}
