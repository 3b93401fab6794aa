'use client'
// The top bar: which project, what is saved, the way to everything, who is here.

import type { Me, Project, ProjectStatus } from '@skein/protocol'
import { ListChecks, PanelLeft, Search } from 'lucide-react'
import { Icon } from '../../components/icon.tsx'
import { formatKeys, isMac, shortcutKeys } from '../../lib/shortcuts.ts'
import { AccountMenu } from '../account/account-menu.tsx'
import { Facts } from '../facts/facts.tsx'
import type { SavedState } from '../facts/saved-machine.ts'
import { Avatars } from '../presence/avatars.tsx'
import type { PeopleHere } from '../presence/use-people-here.ts'
import { ProjectMenu } from './project-menu.tsx'
import { SharePopover } from './share-popover.tsx'

type TopBarProps = {
  project: Project
  reference: string
  me: Me
  /** The current file, for narrow screens. */
  title: string
  saved: SavedState
  status: ProjectStatus | undefined
  isReadOnly: boolean
  people: PeopleHere
  areFactsOpen: boolean
  onFactsOpen: (isOpen: boolean) => void
  onCopyText: () => void
  onPalette: () => void
  onTree: () => void
  /** Opens the first steps where their panel lies over the sheet; null where it stands beside it. */
  onSteps: (() => void) | null
}

export function TopBar(props: TopBarProps) {
  const { project, reference, me, title, saved, status, isReadOnly, people } = props
  return (
    <header className="topbar" data-region>
      <button type="button" className="btn btn-quiet btn-icon only-narrow" aria-label="Files" onClick={props.onTree}>
        <Icon of={PanelLeft} size="lg" />
      </button>
      <ProjectMenu project={project} reference={reference} />
      <strong className="only-narrow grow clip topbar-title">{title}</strong>
      <Facts
        projectId={project.id}
        reference={reference}
        saved={saved}
        status={status}
        isReadOnly={isReadOnly}
        canCommit={!isReadOnly}
        isOpen={props.areFactsOpen}
        onOpenChange={props.onFactsOpen}
        onCopyText={props.onCopyText}
      />
      <span className="grow only-wide" />
      <button type="button" className="search-button only-wide" onClick={props.onPalette}>
        <Icon of={Search} size="sm" /> <span className="search-words">Go to file or command</span>
        <span className="kbd">{formatKeys(shortcutKeys('palette'), isMac())}</span>
      </button>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms; these are people */}
      <div className="avatars" role="group" aria-label="Here now">
        <AccountMenu me={me} colour={people.colour} />
        <Avatars others={people.others} followedId={people.leader?.id ?? null} onFollow={people.follow} />
      </div>
      <SharePopover project={project} />
      {props.onSteps && (
        <button type="button" className="btn btn-quiet btn-icon" aria-label="First steps" onClick={props.onSteps}>
          <Icon of={ListChecks} size="lg" />
        </button>
      )}
    </header>
  )
}
