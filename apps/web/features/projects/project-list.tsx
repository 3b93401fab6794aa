'use client'
// The projects of a workspace, with their facts. Lists of up to a few hundred are sorted here; more come by page.

import type { Project, Workspace } from '@skein/protocol'
import { ChevronDown, Plus, Trash2 } from 'lucide-react'
import { useRouter, useSearchParams } from 'next/navigation'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { Menu, MenuChoices } from '../../components/menu.tsx'
import { ServerState } from '../../components/server-state.tsx'
import { RowsSkeleton } from '../../components/skeleton.tsx'
import { useToast } from '../../components/toast.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useDeleteProject, useProjects } from '../../lib/api/projects.ts'
import { usePageTitle } from '../../lib/page-title.ts'
import { workspacePath } from '../../lib/paths.ts'
import { isAtLeast } from '../../lib/roles.ts'
import { useNow } from '../../lib/use-now.ts'
import { FormFault } from '../account/form-fault.tsx'
import { DeleteProjectDialog } from './delete-project-dialog.tsx'
import { FirstProject } from './first-project.tsx'
import { NewProjectDialog, type NewProjectStart } from './new-project-dialog.tsx'
import { type ProjectOrder, projectOrders, sortProjects } from './project-order.ts'
import { ProjectRow } from './project-row.tsx'
import { RenameDialog } from './rename-dialog.tsx'
import './projects.css'

/** The heading and the bones of the list, while nothing is known yet. */
export function ProjectListBones() {
  return (
    <>
      <div className="page-head">
        <h1 className="grow">Projects</h1>
      </div>
      <RowsSkeleton label="Projects are loading" />
    </>
  )
}

/** All projects of a workspace and what can be done with them. */
export function ProjectList({ workspace }: { workspace: Workspace }) {
  const router = useRouter()
  const query = useSearchParams()
  const pastedUrl = query.get('git')
  const isFromGithub = query.get('new') === 'github'
  const projects = useProjects(workspace.slug)
  const [start, setStart] = useState<NewProjectStart | null>(
    pastedUrl ? { way: 'git', gitUrl: pastedUrl.slice(0, 2000) } : isFromGithub ? { way: 'github' } : null,
  )
  usePageTitle('Projects', workspace.name)

  if (projects.isPending) return <ProjectListBones />
  if (projects.isError && !projects.data) {
    return <ServerState error={toApiError(projects.error)} onRetry={() => void projects.refetch()} />
  }
  const isEmpty = projects.data.pages.every((page) => page.items.length === 0)
  const canCreate = isAtLeast(workspace.role, 'editor')
  const canLink = isAtLeast(workspace.role, 'admin')
  const closeDialog = () => {
    setStart(null)
    if (pastedUrl || isFromGithub) router.replace(workspacePath(workspace.slug))
  }
  return (
    <>
      {isEmpty && canCreate ? (
        <FirstProject workspace={workspace.slug} canLink={canLink} onStart={setStart} />
      ) : (
        <>
          <div className="page-head">
            <h1 className="grow">Projects</h1>
            {canCreate && (
              <>
                <Button onClick={() => setStart({ way: 'git' })}>Open Git URL</Button>
                <Button kind="primary" onClick={() => setStart({ way: 'empty' })}>
                  <Icon of={Plus} size="sm" /> New project
                </Button>
              </>
            )}
          </div>
          {isEmpty ? (
            <p className="quiet">There is no project yet. Editors of {workspace.name} can create one.</p>
          ) : (
            <Rows workspace={workspace} projects={projects} onStart={setStart} />
          )}
        </>
      )}
      <NewProjectDialog workspace={workspace.slug} canLink={canLink} start={start} onClose={closeDialog} />
    </>
  )
}

function Rows({
  workspace,
  projects,
  onStart,
}: {
  workspace: Workspace
  projects: ReturnType<typeof useProjects>
  onStart: (start: NewProjectStart) => void
}) {
  const now = useNow()
  const toast = useToast()
  const remove = useDeleteProject(workspace.slug)
  const [renamed, setRenamed] = useState<Project | null>(null)
  const [deleted, setDeleted] = useState<Project | null>(null)
  const [order, setOrder] = useState<ProjectOrder>('changed')
  const items = projects.data?.pages.flatMap((page) => page.items) ?? []

  const importAgain = (failed: Project) => onStart({ way: 'git', gitUrl: failed.sourceUrl ?? '' })
  // Nothing is in a project that was not imported, so it goes without being asked for.
  const drop = (project: Project) =>
    remove.mutate(project.id, {
      onSuccess: () =>
        toast({
          icon: Trash2,
          words: (
            <>
              <b className="strong">{project.name}</b> deleted
            </>
          ),
          action: { label: 'Import again', run: () => importAgain(project) },
        }),
    })
  const actions = {
    onRename: setRenamed,
    onDelete: (project: Project) => (project.state === 'ready' ? setDeleted(project) : drop(project)),
    onImportAgain: importAgain,
  }
  return (
    <>
      {remove.error && <FormFault error={toApiError(remove.error)} />}
      <ul className="sheet rows projects">
        {sortProjects(items, order).map((project) => (
          <ProjectRow key={project.id} project={project} now={now} actions={actions} />
        ))}
      </ul>
      <div className="projects-foot">
        <span className="grow">
          {items.length === 1 ? '1 project' : `${items.length}${projects.hasNextPage ? ' or more' : ''} projects`}
        </span>
        {projects.hasNextPage && (
          <Button size="sm" busy={projects.isFetchingNextPage} onClick={() => void projects.fetchNextPage()}>
            Show more
          </Button>
        )}
        {items.length > 1 && <OrderMenu order={order} onChange={setOrder} />}
      </div>
      <RenameDialog workspace={workspace.slug} project={renamed} onClose={() => setRenamed(null)} />
      <DeleteProjectDialog workspace={workspace.slug} project={deleted} onClose={() => setDeleted(null)} />
    </>
  )
}

function OrderMenu({ order, onChange }: { order: ProjectOrder; onChange: (order: ProjectOrder) => void }) {
  const current = projectOrders.find((candidate) => candidate.value === order)
  return (
    <Menu
      trigger={
        <Button kind="quiet" size="sm">
          {current?.label} <Icon of={ChevronDown} size="sm" />
        </Button>
      }
    >
      <MenuChoices label="Order" value={order} choices={projectOrders} onChange={onChange} />
    </Menu>
  )
}
