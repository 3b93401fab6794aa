'use client'
// The left region: where one is in the project, and its files. On narrow screens it is a drawer.

import type { File, GithubStatus, Project } from '@skein/protocol'
import type { RefObject } from 'react'
import type { FileActions, FileFault } from '../files/file-actions.ts'
import { type FilesHandle, FilesSide } from '../files/files-side.tsx'
import type { PeopleHere } from '../presence/use-people-here.ts'
import type { ProjectView } from './project-view.ts'
import type { Rights } from './rights.ts'
import { SideNav } from './side-nav.tsx'
import { SideResizer } from './side-resizer.tsx'
import type { CurrentFile } from './use-current-file.ts'

export function BenchSide(props: {
  project: Project
  reference: string
  view: ProjectView
  github: GithubStatus | undefined
  files: readonly File[]
  current: CurrentFile
  people: PeopleHere
  rights: Rights
  isOpen: boolean
  isNarrow: boolean
  actions: FileActions
  fault: FileFault | null
  onFault: (fault: FileFault | null) => void
  handle: RefObject<FilesHandle | null>
}) {
  const { project, reference, current, people, rights } = props
  return (
    <aside className="side" id="files" aria-label="Project" data-region data-open={props.isOpen}>
      <SideResizer />
      <SideNav {...{ project, reference }} view={props.view} github={props.github} />
      <FilesSide
        projectId={project.id}
        files={props.files}
        currentFile={current.file}
        peopleByFile={people.peopleByFile}
        canChange={rights.canChangeTree}
        whyNot={rights.whyTreeIsFixed}
        isNarrow={props.isNarrow}
        actions={props.actions}
        fault={props.fault}
        onFault={props.onFault}
        onOpen={current.open}
        handle={props.handle}
      />
    </aside>
  )
}
