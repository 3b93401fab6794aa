/**
 * Makes a project: empty, from a template, from a Git address, or from a GitHub repository that it stays linked to. An import only begins here:
 * the project stands at once, in the state `importing`, and a job fills it; or its first look at GitHub, which brings what is there.
 */
import { type Database, fileQueries, projectQueries, type Tx } from '@skein/db'
import {
  type ActorKey,
  type CreateProject,
  type JobId,
  type LinkGithub,
  type ProjectId,
  personToActorKey,
  Refusal,
  type WorkspaceId,
} from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import type { ProjectKey } from '../event-hub.ts'
import { insertContents, textToContent } from '../files/new-content.ts'
import { insertLink, type LinkDeps, readLinkable } from '../github/link-project.ts'
import type { Imports } from '../import/request-import.ts'
import { nameToSlug, slugCandidates } from '../slug.ts'

export interface CreateProjectDeps {
  db: Database
  templates: Readonly<Record<'demo', readonly { path: string; text: string }[]>>
  imports: Imports
  links: LinkDeps
}

/** Makes the project in a workspace in which the actor may. Its slug comes from its name. */
export async function createProject(
  deps: CreateProjectDeps,
  workspaceId: WorkspaceId,
  actor: Actor,
  input: CreateProject,
): Promise<{ id: ProjectId; jobId: JobId | null }> {
  const { gitUrl, template, github } = input
  if ([gitUrl, template, github].filter((source) => source !== undefined).length > 1) {
    throw new Refusal(
      'invalid-request',
      'A project begins from one thing: a template, a Git address or a GitHub repository.',
      {
        hint: 'Send “template”, “gitUrl” or “github”.',
      },
    )
  }
  if (github !== undefined) return createLinked(deps, workspaceId, actor, { name: input.name, github })
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

/** A project that the sync worker fills, as it brings both sides together ever after. */
async function createLinked(
  { db, links }: CreateProjectDeps,
  workspaceId: WorkspaceId,
  actor: Actor,
  { name, github }: { name: string | undefined; github: LinkGithub },
): Promise<{ id: ProjectId; jobId: null }> {
  const repository = await readLinkable(links, workspaceId, actor, github)
  return db.inWorkspace(workspaceId, async (tx) => {
    const projectId = await insertNamed(tx, {
      workspaceId,
      name: name ?? urlToName(repository.htmlUrl),
      state: 'importing',
      source: 'git',
      sourceUrl: repository.htmlUrl,
      createdBy: personToActorKey(actor.userId),
    })
    await insertLink(tx, { projectId, workspaceId }, actor, github, repository)
    return { id: projectId, jobId: null }
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
