/** The link of a project to GitHub: where it stands, how work leaves, what happened, and what people have to decide. */
import { z } from 'zod'
import { DocumentId, FileId, Oid, ProjectId } from './id.ts'
import { Instant } from './page.ts'

/** How work leaves: to the branch itself, by one rolling pull request, or to the branch when it may and else by pull request. */
export const SyncMode = z.enum(['direct_commit', 'protected_pr', 'hybrid'])
export type SyncMode = z.infer<typeof SyncMode>
/** What happens to lines that changed here and there: a person decides, GitHub's stand, ours stand, or ours go to a branch of their own. */
export const OverlapPolicy = z.enum(['ask', 'theirs', 'ours', 'branch'])
export type OverlapPolicy = z.infer<typeof OverlapPolicy>

export const PullRequestView = z.object({
  number: z.int(),
  title: z.string(),
  url: z.string(),
  state: z.enum(['open', 'merged', 'closed']),
})
export type PullRequestView = z.infer<typeof PullRequestView>

export const GithubStatus = z.object({
  /**
   * not-linked · pushed (everything committed is there) · waiting (commits on their way, GitHub may be away) · held (needs a person, `reason` says
   * why) · paused (a person said so)
   */
  state: z.enum(['not-linked', 'pushed', 'waiting', 'held', 'paused']),
  repository: z
    .object({
      fullName: z.string(),
      url: z.string(),
      branch: z.string(),
      /** Folder of the repository that the project is; empty: the whole of it. */
      directory: z.string(),
      repositoryId: z.int(),
      installationId: z.int(),
    })
    .nullable(),
  /** While it is not linked: what it was linked to last, to be linked again where it was. */
  former: z
    .object({
      fullName: z.string(),
      url: z.string(),
      branch: z.string(),
      directory: z.string(),
      repositoryId: z.int(),
      installationId: z.int(),
    })
    .nullable()
    .optional(),
  mode: SyncMode,
  /** Why Skein itself changed the mode. */
  modeReason: z.string().nullable(),
  overlaps: OverlapPolicy,
  pausedBy: z.string().nullable(),
  pushedOid: Oid.nullable(),
  pushedAt: Instant.nullable(),
  commitUrl: z.string().nullable(),
  /** Commits that GitHub has not confirmed. */
  waitingCommits: z.int(),
  /** Where the linked branch was when Skein last looked. */
  remote: z.object({ oid: Oid.nullable(), checkedAt: Instant.nullable(), nextCheckAt: Instant.nullable() }).nullable(),
  pullRequest: PullRequestView.nullable(),
  /** Lines and files that a person has to decide about before anything is pushed. */
  openConflicts: z.int(),
  /** Calls of GitHub's API that are left to this installation. */
  quota: z.object({ left: z.int(), limit: z.int(), resetsAt: Instant.nullable() }).nullable(),
  /** Why it waits or is held, in a sentence, with a code and when it is tried again. */
  reason: z.object({ code: z.string(), message: z.string(), nextAt: Instant.nullable() }).nullable(),
})
export type GithubStatus = z.infer<typeof GithubStatus>

/** A folder in a repository, without a slash at either end; empty for the whole of it. */
const Directory = z
  .string()
  .max(1000)
  .regex(/^(?!\/)(?!.*\/$)(?!.*\/\/)/, 'is written without a slash at its beginning or end')
export const LinkGithub = z.object({
  installationId: z.int().positive(),
  repositoryId: z.int().positive(),
  branch: z.string().min(1).max(200).optional(),
  directory: Directory.optional(),
  mode: SyncMode.optional(),
})
export type LinkGithub = z.infer<typeof LinkGithub>
export const UpdateGithub = z.object({
  mode: SyncMode.optional(),
  overlaps: OverlapPolicy.optional(),
  paused: z.boolean().optional(),
  branch: z.string().min(1).max(200).optional(),
})
export type UpdateGithub = z.infer<typeof UpdateGithub>

/** Which linked projects of a workspace a bulk sync means. */
export const SyncAll = z.object({ state: z.enum(['failed', 'held', 'all']).default('all') })
export const SyncedAll = z.object({ projects: z.int() })

export const SyncOperation = z.object({
  id: z.string(),
  /** `event`: something that happened to the link, told in `note`. */
  direction: z.enum(['push', 'pull', 'event']),
  mode: SyncMode,
  trigger: z.string(),
  state: z.enum(['running', 'done', 'failed', 'held']),
  branch: z.string().nullable(),
  oidBefore: Oid.nullable(),
  oidAfter: Oid.nullable(),
  commits: z.int().nullable(),
  files: z.int().nullable(),
  insertions: z.int().nullable(),
  deletions: z.int().nullable(),
  conflicts: z.int().nullable(),
  pullRequest: z.int().nullable(),
  delivery: z.string().nullable(),
  note: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  attempts: z.int(),
  quotaLeft: z.int().nullable(),
  startedAt: Instant,
  finishedAt: Instant.nullable(),
})
export type SyncOperation = z.infer<typeof SyncOperation>

/** What one side holds: of lines their text, of a file where and what it is. */
const ConflictSide = z.object({
  text: z.string().nullable(),
  path: z.string().nullable(),
  mode: z.string().nullable(),
  oid: Oid.nullable(),
  bytes: z.int().nullable(),
})
export type ConflictSide = z.infer<typeof ConflictSide>
export const ConflictChoice = z.enum(['ours', 'theirs', 'both', 'current'])
export type ConflictChoice = z.infer<typeof ConflictChoice>
/** Something that changed both here and on GitHub. The live file holds ours until somebody decides; null: that side does not have it. */
export const Conflict = z.object({
  id: z.string(),
  kind: z.enum(['lines', 'file']),
  what: z.string(),
  path: z.string(),
  fileId: FileId.nullable(),
  documentId: DocumentId.nullable(),
  /** Of the live text now, from 1; null for files, and when the place is gone. */
  line: z.int().nullable(),
  /** What stands in the live text at the place now. */
  present: z.string().nullable(),
  contextBefore: z.string(),
  contextAfter: z.string(),
  base: ConflictSide.nullable(),
  ours: ConflictSide.nullable(),
  theirs: ConflictSide.nullable(),
  oursBy: z.array(z.object({ id: z.string(), name: z.string() })),
  remote: z.object({ oid: Oid, authorName: z.string().nullable(), at: Instant.nullable() }),
  state: z.enum(['open', 'resolved']),
  choice: ConflictChoice.nullable(),
  resolvedBy: z.object({ id: z.string(), name: z.string() }).nullable(),
  resolvedAt: Instant.nullable(),
  createdAt: Instant,
})
export type Conflict = z.infer<typeof Conflict>
/** `use` writes a choice into the live file and leaves the item open; `resolve` does the same (`current`: the file stays as it is) and closes it. */
export const UseConflict = z.object({ choice: z.enum(['ours', 'theirs', 'both']) })
export const ResolveConflict = z.object({ choice: ConflictChoice })
/** What became of a decision about all open conflicts: those that could not be decided so are still open. */
export const ResolvedConflicts = z.object({ resolved: z.int(), open: z.int() })
export type ResolvedConflicts = z.infer<typeof ResolvedConflicts>

/** An installation of the GitHub App, as a workspace sees it. */
export const GithubInstallation = z.object({
  installationId: z.int(),
  account: z.string(),
  isSuspended: z.boolean(),
  permissions: z.record(z.string(), z.string()),
  /** Where on GitHub its repositories and permissions are chosen. */
  settingsUrl: z.string(),
})
export type GithubInstallation = z.infer<typeof GithubInstallation>
export const GithubRepositoryChoice = z.object({
  repositoryId: z.int(),
  fullName: z.string(),
  url: z.string(),
  defaultBranch: z.string(),
  isPrivate: z.boolean(),
  isArchived: z.boolean(),
  isEmpty: z.boolean(),
  /** Projects of this workspace that are linked to it already. */
  linked: z.array(z.object({ id: ProjectId, name: z.string(), directory: z.string(), branch: z.string() })),
})
export type GithubRepositoryChoice = z.infer<typeof GithubRepositoryChoice>
export const CreateGithubRepository = z.object({
  name: z.string().regex(/^[\w.-]{1,100}$/, 'may hold letters, digits, dots, hyphens and underscores'),
  isPrivate: z.boolean().default(true),
})

/** Where an instance stands with its GitHub App; for its admin. */
export const GithubAppStatus = z.object({
  /** `settings`: by environment; `manifest`: made from the admin page, kept encrypted. */
  source: z.enum(['none', 'settings', 'manifest']),
  app: z
    .object({ id: z.string(), slug: z.string().nullable(), name: z.string().nullable(), url: z.string().nullable() })
    .nullable(),
  installUrl: z.string().nullable(),
  /** Whether GitHub can reach this Skein, as far as its address tells. */
  webhook: z.object({
    url: z.string(),
    isReachable: z.boolean(),
    lastDeliveryAt: Instant.nullable(),
    received24h: z.int(),
    waiting: z.int(),
    rejected24h: z.int(),
  }),
})
export type GithubAppStatus = z.infer<typeof GithubAppStatus>
/** What the admin page posts to GitHub: the form's address, and its one field. */
export const GithubManifest = z.object({ action: z.string(), manifest: z.string() })
export type GithubManifest = z.infer<typeof GithubManifest>
/** A sync operation as the admin of the instance sees it: which workspace and project, never what is in it. */
export const AdminOperation = SyncOperation.extend({
  project: z.object({ id: ProjectId, slug: z.string(), name: z.string() }),
  workspace: z.object({ slug: z.string(), name: z.string() }),
})
export type AdminOperation = z.infer<typeof AdminOperation>

/** Whose App the manifest asks for: an organisation's by its name, without one the person's own. */
export const MakeGithubApp = z.object({
  organization: z
    .string()
    .regex(/^[a-z\d](?:[a-z\d-]{0,37}[a-z\d])?$/i, 'is the name of an organisation on GitHub')
    .optional(),
})
/** The name of the App, typed by whoever wants it away. */
export const RemoveGithubApp = z.object({ name: z.string().min(1).max(200) })
/** With a number: an installation that is there already; without one a new one is made on GitHub. */
export const InstallGithub = z.object({ installationId: z.int().positive().optional() })
/** Where the browser goes to install the App, or to prove that an installation is one's own. */
export const GithubInstall = z.object({ url: z.string() })
export const ClaimGithubInstallation = z.object({ installationId: z.int().positive() })
/** What anybody may know of the webhook: facts about this Skein, nothing about whom it serves. */
export const WebhookHealth = z.object({
  configured: z.boolean(),
  lastDeliveryAt: Instant.nullable(),
  /** Deliveries whose work is not done. */
  waiting: z.int(),
})
/** A call of GitHub, as the admin of the instance sees it. */
export const GithubDelivery = z.object({
  id: z.string(),
  event: z.string(),
  action: z.string().nullable(),
  installationId: z.int().nullable(),
  repositoryId: z.int().nullable(),
  ref: z.string().nullable(),
  state: z.enum(['received', 'done']),
  attempts: z.int(),
  error: z.string().nullable(),
  receivedAt: Instant,
  doneAt: Instant.nullable(),
})
export type GithubDelivery = z.infer<typeof GithubDelivery>
export const SyncMany = z.object({ state: z.enum(['failed', 'held', 'all']) })
/** How many projects are tried again. */
export const SyncedMany = z.object({ projects: z.int() })

/** A possible secret that keeps a push back; its text is never sent. */
export const SecretFinding = z.object({
  id: z.string(),
  path: z.string(),
  line: z.int(),
  rule: z.string(),
  message: z.string(),
  commit: Oid,
  state: z.enum(['open', 'released', 'gone']),
  releasedBy: z.object({ id: z.string(), name: z.string() }).nullable(),
  releasedAt: Instant.nullable(),
  note: z.string().nullable(),
  createdAt: Instant,
})
export type SecretFinding = z.infer<typeof SecretFinding>
export const ReleaseSecret = z.object({ note: z.string().trim().max(300).optional() })
