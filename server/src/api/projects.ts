/**
 * `/workspaces/{workspace}/projects` and `/projects/{project}`. A project is named by id, or as `workspace/project`
 * with the slash encoded.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { type Database, jobQueries, projectQueries } from '@skein/db'
import {
  CreateProject,
  type GithubStatus,
  listOf,
  PageQuery,
  Project,
  type ProjectId,
  ProjectReference,
  ProjectStatus,
  UpdateProject,
  WorkspaceReference,
} from '@skein/protocol'
import { type ProjectAccess, requireProject, requireWorkspace } from '../commands/access.ts'
import type { ProjectKey } from '../commands/event-hub.ts'
import { jobToView } from '../commands/jobs/job-view.ts'
import { type ChangeProjectDeps, deleteProject, renameProject } from '../commands/projects/change-project.ts'
import { type CreateProjectDeps, createProject } from '../commands/projects/create-project.ts'
import { notFound } from '../policies/authorise.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'
import { decodeCursor, toPage } from './page-cursor.ts'
import { toProject } from './projects-present.ts'

const tags = ['projects']
const workspaceParams = z.object({ workspace: WorkspaceReference })
const params = z.object({ project: ProjectReference })
/** Paths of changed files in the status of a project. */
const changedPathsMax = 100

const list = createRoute({
  method: 'get',
  path: '/workspaces/{workspace}/projects',
  tags,
  summary: 'Projects of a workspace, newest first',
  request: { params: workspaceParams, query: PageQuery },
  responses: { ...answers(200, 'Projects', listOf(Project)), default: REFUSAL },
})
const create = createRoute({
  method: 'post',
  path: '/workspaces/{workspace}/projects',
  tags,
  summary: 'Make a project: empty, from a template, or by importing a Git repository (a job then fills it)',
  request: { params: workspaceParams, ...jsonBody(CreateProject) },
  responses: { ...answers(201, 'The new project', Project), default: REFUSAL },
})
const get = createRoute({
  method: 'get',
  path: '/projects/{project}',
  tags,
  summary: 'One project',
  request: { params },
  responses: { ...answers(200, 'The project', Project), default: REFUSAL },
})
const update = createRoute({
  method: 'patch',
  path: '/projects/{project}',
  tags,
  summary: 'Rename a project; its slug stays',
  request: { params, ...jsonBody(UpdateProject) },
  responses: { ...answers(200, 'The project', Project), default: REFUSAL },
})
const remove = createRoute({
  method: 'delete',
  path: '/projects/{project}',
  tags,
  summary: 'Delete a project',
  request: { params },
  responses: { 204: { description: 'Deleted' }, default: REFUSAL },
})
const status = createRoute({
  method: 'get',
  path: '/projects/{project}/status',
  tags,
  summary: 'What is committed and pushed, and the jobs under way',
  request: { params },
  responses: { ...answers(200, 'The facts', ProjectStatus), default: REFUSAL },
})

export interface ProjectRoutesDeps extends CreateProjectDeps, ChangeProjectDeps {
  db: Database
  publicUrl: string
  githubStatus: (project: ProjectKey) => Promise<GithubStatus>
}

/** Routes of projects themselves; their files, commits and links are modules of their own. */
export function projectRoutes(deps: ProjectRoutesDeps): ApiRoutes {
  const { db, publicUrl } = deps
  const routes = newRoutes()
  const find = async (access: ProjectAccess): Promise<Project> => {
    const row = await db.inWorkspace(access.workspaceId, (tx) => projectQueries.findProject(tx, access.projectId), {
      readOnly: true,
    })
    if (!row) throw notFound('project')
    return toProject(row, access.role, publicUrl)
  }

  routes.openapi(list, async (c) => {
    const { workspace } = c.req.valid('param')
    const { cursor, limit } = c.req.valid('query')
    const { id, role } = await requireWorkspace(db.instance, c.get('actor'), workspace, 'read-project')
    const place = decodeCursor(cursor, z.tuple([z.uuid()]))
    const page = { before: (place?.[0] ?? null) as ProjectId | null, limit: limit + 1 }
    const rows = await db.inWorkspace(id, (tx) => projectQueries.listProjects(tx, id, page), { readOnly: true })
    return c.json(
      toPage(
        rows,
        limit,
        (row) => toProject(row, role, publicUrl),
        (row) => [row.id],
      ),
      200,
    )
  })
  routes.openapi(create, async (c) => {
    const { workspace } = c.req.valid('param')
    const input = c.req.valid('json')
    // A link lets everybody here read the repository and push to it, as one that is made later does.
    const needed = input.github === undefined ? 'create-project' : 'link-github'
    const { id: workspaceId, role } = await requireWorkspace(db.instance, c.get('actor'), workspace, needed)
    const { id, jobId } = await createProject(deps, workspaceId, c.get('actor'), input)
    const project = await find({ projectId: id, workspaceId, role })
    return c.json({ ...project, ...(jobId && { job: { id: jobId } }) }, 201)
  })
  routes.openapi(get, async (c) => {
    const { project } = c.req.valid('param')
    return c.json(await find(await requireProject(db.instance, c.get('actor'), project, 'read-project')), 200)
  })
  routes.openapi(update, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'update-project')
    await renameProject(deps, access, c.req.valid('json').name)
    return c.json(await find(access), 200)
  })
  routes.openapi(remove, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'delete-project')
    await deleteProject(deps, access, c.get('actor'))
    return c.body(null, 204)
  })
  routes.openapi(status, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'read-project')
    return c.json(await readStatus(deps, access), 200)
  })
  return routes
}

async function readStatus({ db, githubStatus }: ProjectRoutesDeps, access: ProjectAccess): Promise<ProjectStatus> {
  const { projectId } = access
  const [facts, github] = await Promise.all([
    db.inWorkspace(
      access.workspaceId,
      async (tx) => ({
        project: await projectQueries.findProject(tx, projectId),
        changedFiles: await projectQueries.findChangedFiles(tx, projectId, changedPathsMax),
        jobs: await jobQueries.listJobsOfProject(tx, projectId),
      }),
      { isolation: 'repeatable read', readOnly: true },
    ),
    githubStatus(access),
  ])
  if (!facts.project) throw notFound('project')
  return { head: facts.project.head, changedFiles: facts.changedFiles, github, jobs: facts.jobs.map(jobToView) }
}
