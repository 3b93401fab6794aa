'use client'
// The settings of a project: its name, and the GitHub repository that receives its commits.

import type { Me, Project } from '@skein/protocol'
import { ChevronLeft, Settings as SettingsIcon } from 'lucide-react'
import Link from 'next/link'
import { CopyButton } from '../../components/copy-button.tsx'
import { Field } from '../../components/field.tsx'
import { GitHubMark, Icon } from '../../components/icon.tsx'
import { ServerState } from '../../components/server-state.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useProject, useRenameProject } from '../../lib/api/projects.ts'
import { usePageTitle } from '../../lib/page-title.ts'
import { projectPath } from '../../lib/paths.ts'
import { isAtLeast } from '../../lib/roles.ts'
import { SignedIn } from '../account/signed-in.tsx'
import { GithubSection } from './github-section.tsx'
import { RenameForm } from './rename-form.tsx'
import { SettingsBones } from './settings-bones.tsx'
import { SettingsFrame } from './settings-frame.tsx'
import { SettingsNav, type SettingsPart } from './settings-nav.tsx'

const parts: readonly SettingsPart[] = [
  { id: 'general', label: 'General', icon: <Icon of={SettingsIcon} /> },
  { id: 'github', label: 'GitHub', icon: <GitHubMark /> },
]

/** `/p/:project/settings`. */
export function ProjectSettingsPage({ id }: { id: string }) {
  return <SignedIn waiting={<SettingsBones />}>{(me) => <Loaded id={id} me={me} />}</SignedIn>
}

function Loaded({ id, me }: { id: string; me: Me }) {
  const project = useProject(id)
  usePageTitle('Settings', project.data?.name)
  if (project.isPending) return <SettingsBones />
  if (project.isError && !project.data) {
    return <ServerState full error={toApiError(project.error)} onRetry={() => void project.refetch()} />
  }
  return <Settings me={me} project={project.data} />
}

function Settings({ me, project }: { me: Me; project: Project }) {
  return (
    <SettingsFrame
      me={me}
      place={{
        href: projectPath(project.id),
        words: (
          <span className="clip">
            <span className="only-wide">
              {project.workspace.name}{' '}
              <span className="slash" aria-hidden="true">
                /
              </span>{' '}
            </span>
            {project.name}
          </span>
        ),
      }}
      side={
        <nav className="nav" aria-label="Settings">
          <Link href={projectPath(project.id)}>
            <Icon of={ChevronLeft} /> Back to project
          </Link>
          <div className="section">Project</div>
          <SettingsNav parts={parts} />
        </nav>
      }
    >
      <h1>Settings of {project.name}</h1>
      <General project={project} />
      <GithubSection project={project} />
    </SettingsFrame>
  )
}

function General({ project }: { project: Project }) {
  const rename = useRenameProject(project.workspace.slug)
  const canRename = isAtLeast(project.role, 'editor')
  return (
    <section id="general" aria-labelledby="general-title">
      <h2 id="general-title">General</h2>
      <RenameForm
        name={project.name}
        canRename={canRename}
        hint={canRename ? 'Its address and its clone URL stay.' : 'Editors of the workspace can rename it.'}
        action="Rename"
        rename={(name) => rename.mutateAsync({ id: project.id, name })}
        toWords={(name) => (
          <>
            Renamed to <b className="strong">{name}</b>
          </>
        )}
      />
      <div className="settings-form">
        <Field
          label="Clone URL"
          hint={
            <>
              Any Git client can clone it, fetch from it and push to it; a{' '}
              <Link className="link" href="/me#tokens">
                token
              </Link>{' '}
              is the password.
            </>
          }
        >
          {(control) => (
            <div className="row">
              <input {...control} className="input grow mono" readOnly value={project.cloneUrl} />
              <CopyButton text={project.cloneUrl} label="Copy" />
            </div>
          )}
        </Field>
      </div>
    </section>
  )
}
