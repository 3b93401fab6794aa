'use client'
// Another try for many linked projects at once, with how many were asked.

import { RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Select } from '../../components/field.tsx'
import { Icon } from '../../components/icon.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useSyncWorkspace, type WhichProjects } from '../../lib/api/installations.ts'
import { FormFault } from '../account/form-fault.tsx'

export const whichChoices: readonly { value: WhichProjects; label: string }[] = [
  { value: 'failed', label: 'Projects whose last try failed' },
  { value: 'held', label: 'Projects that are held' },
  { value: 'all', label: 'All linked projects' },
]

/** What came of it; "No project" is as good an answer as a number. */
export function askedToWords(projects: number): string {
  if (projects === 0) return 'No linked project is like that; nothing was asked.'
  return projects === 1 ? '1 project is looked at now.' : `${projects} projects are looked at now.`
}

/** For the admins of a workspace. */
export function SyncAll({ workspace }: { workspace: string }) {
  const sync = useSyncWorkspace(workspace)
  return <SyncMany label="Sync again" sync={sync} />
}

/** The choice, the button and the answer; `sync` asks for it. */
export function SyncMany({
  label,
  sync,
}: {
  label: string
  sync: Pick<ReturnType<typeof useSyncWorkspace>, 'mutate' | 'isPending' | 'data' | 'error' | 'reset'>
}) {
  const [which, setWhich] = useState<WhichProjects>('failed')
  return (
    <div className="sync-many">
      <Select
        aria-label="Which projects"
        value={which}
        onChange={(event) => {
          sync.reset()
          setWhich(whichChoices.find(({ value }) => value === event.target.value)?.value ?? 'failed')
        }}
      >
        {whichChoices.map(({ value, label: words }) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </Select>
      <Button busy={sync.isPending} onClick={() => sync.mutate(which)}>
        <Icon of={RefreshCw} size="sm" /> {label}
      </Button>
      <span className="faint num" role="status">
        {sync.data && askedToWords(sync.data.projects)}
      </span>
      {sync.error && <FormFault error={toApiError(sync.error)} />}
    </div>
  )
}
