/**
 * Makes a project: empty, from a template, or from a Git address. An import only begins here: the project stands at
 * once, in the state `importing`, and a job fills it.
 */
import { type Database, fileQueries, projectQueries, type Tx } from '@skein/db'
import {
  type ActorKey,
  type CreateProject,
  type JobId,
  type ProjectId,
  personToActorKey,
  Refusal,
  type WorkspaceId,
} from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import type { ProjectKey } from '../event-hub.ts'
import { insertContents, textToContent } from '../files/new-content.ts'
import type { Imports } from '../import/request-import.ts'
import { nameToSlug, slugCandidates } from '../slug.ts'

export interface CreateProjectDeps {
  db: Database
  templates: Readonly<Record<'demo', readonly { path: string; text: string }[]>>
  imports: Imports
}

/** Makes the project in a workspace in which the actor may. Its slug comes from its name. */
export async function createProject(
  deps: CreateProjectDeps,
  workspaceId: WorkspaceId,
  actor: Actor,
  input: CreateProject,
): Promise<{ id: ProjectId; jobId: JobId | null }> {
  const { gitUrl, template } = input
  if (gitUrl !== undefined && template !== undefined) {
    throw new Refusal('invalid-request', 'A project begins from a template or from a Git address, not from both.', {
      hint: 'Send “template” or “gitUrl”.',
    })
  }
  const sourceUrl = gitUrl === undefined ? null : deps.imports.checkUrl(gitUrl)
  const name = input.name ?? template ?? (sourceUrl && urlToName(sourceUrl))
  if (!name) throw new Refusal('invalid-request', 'name: needs a name', { hint: 'Give the project a name.' })

  const by = personToActorKey(actor.userId)
  return deps.db.inWorkspace(workspaceId, async (tx) => {
    const projectId = await insertNamed(tx, {
      workspaceId,
      name,
      state: gitUrl === undefined ? 'ready' : 'importing',
      source: gitUrl === undefined ? (template ? 'template' : 'empty') : 'git',
      sourceUrl,
      createdBy: by,
    })
    const project = { projectId, workspaceId }
    if (template) await fillFromTemplate(tx, project, by, deps.templates[template])
    const jobId = gitUrl === undefined ? null : await deps.imports.enqueue(tx, project, gitUrl, actor)
    return { id: projectId, jobId }
  })
}

/** The last part of a Git address, without `.git`: `https://example.org/notes/field.git` is `field`. */
export function urlToName(url: string): string {
  const last =
    url
      .replace(/[?#].*$/, '')
      .replace(/\/+$/, '')
      .split('/')
      .at(-1) ?? ''
  const name = last.replace(/\.git$/i, '')
  try {
    return decodeURIComponent(name).trim().slice(0, 80)
  } catch {
    return name.slice(0, 80)
  }
}

async function insertNamed(tx: Tx, project: Omit<projectQueries.NewProject, 'slug'>): Promise<ProjectId> {
  const random = Math.random().toString(36).slice(2, 8)
  for (const slug of slugCandidates(nameToSlug(project.name, 'project'), random)) {
    const id = await projectQueries.insertProject(tx, { ...project, slug })
    if (id) return id
  }
  throw new Error(`no free slug was found for a project named ${project.name}`)
}

async function fillFromTemplate(
  tx: Tx,
  project: ProjectKey,
  by: ActorKey,
  files: readonly { path: string; text: string }[],
): Promise<void> {
  const contents = files.map(({ path, text }) => ({ path, executable: false, content: textToContent(path, text) }))
  const rows = await insertContents({ tx, project, by }, contents)
  await fileQueries.markDirty(
    tx,
    project,
    rows.map(({ id }) => id),
  )
}
