/** Projects, their three facts (saved is the client's own; committed and pushed are here), and commits. */
import { z } from 'zod'
import { Role } from './actor.ts'
import { GithubStatus, LinkGithub } from './github.ts'
import { JobId, Oid, ProjectId, WorkspaceId } from './id.ts'
import { Job } from './job.ts'
import { Instant } from './page.ts'

export const ProjectName = z.string().trim().min(1, 'needs a name').max(80, 'is longer than 80 characters')

export const Project = z.object({
  id: ProjectId,
  slug: z.string(),
  name: z.string(),
  workspace: z.object({ id: WorkspaceId, slug: z.string(), name: z.string() }),
  /** The role of whoever asks. */
  role: Role,
  state: z.enum(['importing', 'ready', 'failed']),
  source: z.enum(['empty', 'template', 'git']),
  sourceUrl: z.string().nullable(),
  defaultBranch: z.string(),
  cloneUrl: z.string(),
  createdAt: Instant,
  /** The last change of a file or of its text. */
  changedAt: Instant,
  fileCount: z.int(),
  lastCommit: z.object({ oid: Oid, message: z.string(), authorName: z.string(), committedAt: Instant }).nullable(),
  /** Present when the project was created by an import. */
  job: z.object({ id: JobId }).optional(),
})
export type Project = z.infer<typeof Project>

/** Give at most one of `template`, `gitUrl`, `github` (a repository that it stays linked to); with none the project is empty. */
export const CreateProject = z.object({
  name: ProjectName.optional(),
  template: z.enum(['demo']).optional(),
  gitUrl: z.string().max(2000).optional(),
  github: LinkGithub.optional(),
})
export type CreateProject = z.infer<typeof CreateProject>
export const UpdateProject = z.object({ name: ProjectName })

export const Commit = z.object({
  oid: Oid,
  parents: z.array(Oid),
  message: z.string(),
  author: z.object({ name: z.string(), email: z.string(), userId: z.string().optional() }),
  committedAt: Instant,
  /** `remote` came from the linked repository or an import, `pushed` by a Git push to Skein. */
  kind: z.enum(['snapshot', 'remote', 'pushed', 'restore', 'release']),
})
export type Commit = z.infer<typeof Commit>
export const CommitDetail = Commit.extend({
  /** What differs from the first parent; the first 1,000 files. */
  files: z.array(z.object({ path: z.string(), change: z.enum(['added', 'modified', 'deleted', 'mode']) })),
  isComplete: z.boolean(),
})
export type CommitDetail = z.infer<typeof CommitDetail>
export const CreateSnapshot = z.object({ message: z.string().trim().max(4000).optional() })

export const ProjectStatus = z.object({
  head: z.object({ oid: Oid, message: z.string(), authorName: z.string(), committedAt: Instant }).nullable(),
  /** Files that differ from the last commit; at most 100 paths are listed. */
  changedFiles: z.object({ count: z.int(), paths: z.array(z.string()).max(100) }),
  github: GithubStatus,
  jobs: z.array(Job),
})
export type ProjectStatus = z.infer<typeof ProjectStatus>
