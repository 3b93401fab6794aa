/** The job that fills a project from a Git URL. */
import { type ImportDeps, ImportInput, importProject } from '../commands/import/import-project.ts'
import type { JobHandler } from './job-loop.ts'

export function createImportJob(deps: ImportDeps): JobHandler {
  return async (job, run) => {
    if (job.projectId === null) throw new Error(`import ${job.id} has no project`)
    const project = { projectId: job.projectId, workspaceId: job.workspaceId }
    return importProject(deps, project, ImportInput.parse(job.input), run)
  }
}
