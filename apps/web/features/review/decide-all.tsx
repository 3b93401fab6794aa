'use client'
// For very many items that are all of one kind: an admin decides them at once. What cannot be decided so stays open.

import type { ConflictChoice, ResolvedConflicts } from '@skein/protocol'
import { ChevronDown, ListChecks } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { Menu, MenuItem, MenuLabel } from '../../components/menu.tsx'
import { useToast } from '../../components/toast.tsx'
import { useResolveAllConflicts } from '../../lib/api/conflicts.ts'
import { toApiError } from '../../lib/api/error.ts'
import { countOf } from '../sync/sync-words.ts'

const choices: readonly { choice: ConflictChoice; label: string }[] = [
  { choice: 'current', label: 'Leave all files as they stand' },
  { choice: 'ours', label: 'Use all versions from here' },
  { choice: 'theirs', label: 'Use all versions from GitHub' },
]

export function DecideAll({ projectId, count }: { projectId: string; count: number }) {
  const decide = useResolveAllConflicts(projectId)
  const toast = useToast()
  const tell = ({ resolved, open }: ResolvedConflicts): void =>
    toast({ icon: ListChecks, words: `${resolved} decided${open > 0 ? `, ${open} still to review` : ''}` })
  return (
    <div className="decide-all">
      <Menu
        align="start"
        trigger={
          <Button kind="quiet" size="sm" busy={decide.isPending}>
            Decide all {count} <Icon of={ChevronDown} size="sm" />
          </Button>
        }
      >
        <MenuLabel>{countOf(count, 'item')}; every version stays in the history</MenuLabel>
        {choices.map(({ choice, label }) => (
          <MenuItem key={choice} onSelect={() => decide.mutate(choice, { onSuccess: tell })}>
            {label}
          </MenuItem>
        ))}
      </Menu>
      {decide.error && (
        <p className="bad xs" role="alert">
          {toApiError(decide.error).message} {toApiError(decide.error).hint}
        </p>
      )}
    </div>
  )
}
