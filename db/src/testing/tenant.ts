/**
 * A workspace with a row in every table that can hold one of it, for tests that ask what another tenant can see of it. Rows are made as
 * the superuser, past row-level security.
 */
import { createHash, randomUUID } from 'node:crypto'
import type {
  DocumentId,
  FileId,
  InvitationId,
  JobId,
  Oid,
  ProjectId,
  TokenId,
  UserId,
  WorkspaceId,
} from '@skein/protocol'
import type { TestDatabase } from './database.ts'

export interface Tenant {
  user: UserId
  email: string
  workspace: WorkspaceId
  slug: string
  project: ProjectId
  projectSlug: string
  /** A second project, whose import is under way. */
  importing: ProjectId
  file: FileId
  path: string
  document: DocumentId
  /** A document that nobody has opened yet. */
  unseeded: DocumentId
  unseededFile: FileId
  trashed: FileId
  commit: Oid
  blob: Buffer
  invitation: InvitationId
  invitationHash: Buffer
  token: TokenId
  tokenHash: Buffer
  ticketHash: Buffer
  job: JobId
  operation: string
  snapshot: string
  /** A pull that is being applied, to the project whose import is under way; commits of the other one are not held up by it. */
  pull: string
  /** Lines that wait for a decision. */
  conflict: string
  pack: string
  secretFinding: string
  hiddenPack: string
  installation: number
  repository: number
  suggestion: string
  /** A request with a key that is not answered yet. */
  request: { route: string; key: string; run: string }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Every id that leads to something of the tenant. A row that contains one of them is the tenant's, or points to it. */
export const idsOf = (tenant: Tenant): string[] => [
  tenant.user,
  tenant.workspace,
  tenant.project,
  tenant.importing,
  tenant.file,
  tenant.document,
  tenant.unseeded,
  tenant.unseededFile,
  tenant.trashed,
  tenant.invitation,
  tenant.token,
  tenant.job,
  tenant.conflict,
]

/** Ids of the right shape that lead nowhere. */
export function ghostTenant(like: Tenant): Tenant {
  const uuid = <Id>(): Id => randomUUID() as Id
  return {
    ...like,
    user: 'nobody-at-all' as UserId,
    email: 'nobody@example.org',
    workspace: uuid(),
    slug: 'no-such-workspace',
    project: uuid(),
    importing: uuid(),
    projectSlug: 'no-such-project',
    file: uuid(),
    document: uuid(),
    unseeded: uuid(),
    unseededFile: uuid(),
    trashed: uuid(),
    commit: '0123456789'.repeat(4) as Oid,
    invitation: uuid(),
    token: uuid(),
    job: uuid(),
    operation: uuid(),
    snapshot: uuid(),
    pull: uuid(),
    conflict: uuid(),
  }
}

/** Fills a new workspace of a new person; `name` makes it differ from other tenants of the same test. */
export async function seedTenant(ask: TestDatabase['ask'], name: string): Promise<Tenant> {
  const user = `user-${name}` as UserId
  const workspace = randomUUID() as WorkspaceId
  await ask(`insert into auth."user" ("id", "name", "email", "emailVerified") values ($1, $2, $3, false)`, [
    user,
    name,
    `${name}@example.org`,
  ])
  await ask(
    `insert into auth."account" ("id", "accountId", "providerId", "userId", "password", "updatedAt") values ($1, $1, 'credential', $1, 'x', now())`,
    [user],
  )
  await ask(
    `insert into auth."session" ("id", "expiresAt", "token", "updatedAt", "userId") values ($1, now() + interval '1 day', $1, now(), $1)`,
    [user],
  )
  await ask('insert into workspace (id, slug, name, personal_of) values ($1, $2, $3, $4)', [
    workspace,
    name,
    name,
    user,
  ])
  await ask(`insert into workspace_member (workspace_id, user_id, role) values ($1, $2, 'owner')`, [workspace, user])
  return seedProject(ask, { user, email: `${name}@example.org`, workspace, slug: name })
}

/** Fills a workspace that is there with a project and all that belongs to it. */
export async function seedProject(
  ask: TestDatabase['ask'],
  owner: Pick<Tenant, 'user' | 'email' | 'workspace' | 'slug'>,
): Promise<Tenant> {
  const { user, workspace, slug } = owner
  const [project, file, document, unseeded, unseededFile, trashed] = Array.from({ length: 6 }, () => randomUUID())
  const importing = randomUUID() as ProjectId
  const commit = digest(`commit of ${slug}`).toString('hex').slice(0, 40)
  const pack = digest(`pack of ${slug}`).toString('hex').slice(0, 40)
  const hiddenPack = digest(`hidden pack of ${slug}`).toString('hex').slice(0, 40)
  const blob = digest(`blob of ${slug}`)
  const number = digest(slug).readUInt32BE() + 1
  const actor = `person:${user}`
  const keys = [workspace, project]

  await ask(
    `insert into project (id, workspace_id, slug, name, created_by, tree_version, cut, event_seq) values ($2, $1, 'notes', 'Notes', $3, 3, 1, 1)`,
    [...keys, actor],
  )
  await ask(
    `insert into project (id, workspace_id, slug, name, created_by, state, source) values ($2, $1, 'import', 'Import', $3, 'importing', 'git')`,
    [workspace, importing, actor],
  )
  await ask(
    `insert into file (id, workspace_id, project_id, path, path_key, kind, document_id, blob_sha256, created_by, changed_by, deleted_at) values
       ($3, $1, $2, 'secret/plan.md', 'secret/plan.md', 'text', $4, null, $8, $8, null),
       ($5, $1, $2, 'secret/new.md', 'secret/new.md', 'text', $6, null, $8, $8, null),
       ($7, $1, $2, 'secret/old.bin', 'secret/old.bin', 'binary', null, $9, $8, $8, now() - interval '1 hour')`,
    [...keys, file, document, unseededFile, unseeded, trashed, actor, blob],
  )
  await ask(`update file set committed_path = path, committed_mode = mode, committed_oid = $2 where id = $1`, [
    file,
    'c'.repeat(40),
  ])
  await ask('insert into blob (workspace_id, sha256, bytes, content) values ($1, $2, 6, $3)', [
    workspace,
    blob,
    'secret',
  ])
  await ask(
    `insert into document (id, workspace_id, project_id, file_id, head) values ($3, $1, $2, $4, 1), ($5, $1, $2, $6, 0)`,
    [...keys, document, file, unseeded, unseededFile],
  )
  await ask(
    `insert into document_state (document_id, workspace_id, state, text, text_seq) values
       ($2, $1, '\\x00', 'secret plan', 1), ($3, $1, null, 'secret new', 0)`,
    [workspace, document, unseeded],
  )
  await ask(`insert into document_update (document_id, seq, workspace_id, payload) values ($2, 1, $1, '\\x01')`, [
    workspace,
    document,
  ])
  await ask(
    'insert into document_client (document_id, client_id, workspace_id, actor, epoch) values ($2, 7, $1, $3, 1)',
    [workspace, document, actor],
  )
  await ask(
    `insert into document_segment (document_id, workspace_id, first_seq, last_seq, epoch, updates, first_at, last_at, data)
     values ($2, $1, 2, 2, 1, 1, now(), now(), 'secret')`,
    [workspace, document],
  )
  await ask(
    `insert into document_keyframe (document_id, workspace_id, seq, epoch, state, checksum) values ($2, $1, 1, 1, 'secret', 1)`,
    [workspace, document],
  )
  await ask(
    `insert into document_quarantine (document_id, workspace_id, kind, seq, bytes, reason) values ($2, $1, 'update', 1, 'secret', 'x')`,
    [workspace, document],
  )
  await ask('insert into dirty_file (file_id, project_id, owner_workspace) values ($3, $2, $1)', [...keys, file])
  await ask(`insert into event (project_id, workspace_id, seq, type, data) values ($2, $1, 1, 'members', '{}')`, keys)
  await ask('insert into project_colour (project_id, workspace_id, actor, colour) values ($2, $1, $3, 4)', [
    ...keys,
    actor,
  ])
  const [finding] = await ask<{ id: string }>(
    `insert into secret_finding (workspace_id, project_id, commit_oid, blob_oid, path, line, rule, message, fingerprint)
     values ($1, $2, $3, $3, 'secret/plan.md', 1, 'aws', 'secret', $4) returning id`,
    [...keys, commit, digest(`finding of ${slug}`)],
  )
  await seedGit(ask, keys as [string, string], { commit, pack, hiddenPack, actor })
  const snapshots = await ask<{ op: string }>(
    `insert into snapshot (project_id, workspace_id, cut, base_oid, tree_version, files, at, author, message)
     values ($2, $1, 1, null, 3, '[]', now(), $3, 'Secret') returning op`,
    [...keys, actor],
  )
  await ask(
    `insert into github_link (project_id, workspace_id, installation_id, repository_id, full_name, html_url, branch, pushed_oid, pushed_at, created_by)
     values ($2, $1, $3, $3, 'secret/notes', 'https://github.example/secret/notes', 'main', null, now(), $4)`,
    [...keys, number, user],
  )
  await ask(
    `insert into former_github_link (project_id, workspace_id, link) values ($2, $1, '{"full_name": "secret/notes"}')`,
    keys,
  )
  await ask(
    `insert into commit_map (project_id, workspace_id, directory, remote_oid, local_oid, is_own) values ($2, $1, 'secret', $3, $3, true)`,
    [...keys, commit],
  )
  await ask('insert into github_installation (installation_id, owner_workspace) values ($2, $1)', [workspace, number])
  await ask(`insert into outbox (project_id, owner_workspace, ref, target) values ($2, $1, 'refs/heads/main', $3)`, [
    ...keys,
    commit,
  ])
  const operations = await ask<{ id: string }>(
    `insert into sync_operation (project_id, workspace_id, direction, trigger, state, oid_after) values ($2, $1, 'push', 'snapshot', 'failed', $3)
     returning id`,
    [...keys, commit],
  )
  const jobs = await ask<{ id: JobId }>(
    `insert into job (owner_workspace, project_id, kind, input, created_by) values ($1, $2, 'import', '{}', $3) returning id`,
    [...keys, user],
  )
  const suggestions = await ask<{ id: string }>(
    `insert into suggestion (workspace_id, project_id, document_id, run, call, n, author, reason, revision, anchor_start, anchor_end, base_text, present_text, new_text)
     values ($1, $2, $3, 'run', 'call', 0, $4, 'changed', 'r', '\\x00', '\\x00', 'secret', 'secret!', 'secret?') returning id`,
    [...keys, document, actor],
  )
  const request = { route: 'PUT content', key: 'seeded', run: randomUUID() }
  await ask(
    `insert into idempotency_key (workspace_id, user_id, route, key, request_hash, run, claimed_until) values ($1, $2, $3, $4, '\\x00', $5, now())`,
    [workspace, user, request.route, request.key, request.run],
  )
  const pull = await seedPull(ask, workspace, importing, commit as Oid)
  const [conflict] = await ask<{ id: string }>(
    `insert into conflict (workspace_id, project_id, file_id, document_id, kind, what, path, base, ours, theirs, remote_oid)
     values ($1, $2, $3, $4, 'lines', 'lines', 'secret/plan.md', '{"text":"secret"}', '{"text":"secret"}', '{"text":"secret"}', $5) returning id`,
    [workspace, project, file, document, commit],
  )
  const access = await seedAccess(ask, owner, project as ProjectId)
  return {
    ...owner,
    ...access,
    project: project as ProjectId,
    importing,
    projectSlug: 'notes',
    file: file as FileId,
    path: 'secret/plan.md',
    document: document as DocumentId,
    unseeded: unseeded as DocumentId,
    unseededFile: unseededFile as FileId,
    trashed: trashed as FileId,
    commit: commit as Oid,
    blob,
    job: jobs[0]?.id as JobId,
    operation: operations[0]?.id as string,
    snapshot: snapshots[0]?.op as string,
    pull,
    conflict: conflict?.id as string,
    pack,
    secretFinding: finding?.id ?? '',
    hiddenPack,
    installation: number,
    repository: number,
    suggestion: suggestions[0]?.id as string,
    request,
  }
}

async function seedGit(
  ask: TestDatabase['ask'],
  keys: [workspace: string, project: string],
  { commit, pack, hiddenPack, actor }: { commit: string; pack: string; hiddenPack: string; actor: string },
): Promise<void> {
  await ask('insert into repository (project_id, workspace_id, gen) values ($2, $1, 1)', keys)
  await ask(`insert into ref (project_id, workspace_id, name, oid) values ($2, $1, 'refs/heads/main', $3)`, [
    ...keys,
    commit,
  ])
  await ask(
    `insert into reflog (project_id, workspace_id, name, new_oid, actor, reason) values ($2, $1, 'refs/heads/main', $3, $4, 'snapshot')`,
    [...keys, commit, actor],
  )
  await ask(
    `insert into pack (project_id, workspace_id, sha, source, pack_bytes, index_bytes, gen) values ($2, $1, $3, 'snapshot', 6, 6, 1)`,
    [...keys, pack],
  )
  await ask(
    `insert into pack_chunk (project_id, workspace_id, sha, part, n, data, created_at)
     select $2, $1, sha, 'pack', 0, 'secret', now() - interval '2 days' from unnest($3::text[]) as t(sha)`,
    [...keys, [pack, hiddenPack]],
  )
  await ask(
    `insert into git_commit (project_id, workspace_id, oid, parents, author_name, author_email, author_actor, authored_at, committed_at, message, kind)
     values ($2, $1, $3, '{}', 'A', 'a@example.org', $4, now(), now(), 'Secret', 'snapshot')`,
    [...keys, commit, actor],
  )
}

async function seedAccess(
  ask: TestDatabase['ask'],
  { user, workspace, slug }: Pick<Tenant, 'user' | 'workspace' | 'slug'>,
  project: ProjectId,
): Promise<Pick<Tenant, 'invitation' | 'invitationHash' | 'token' | 'tokenHash' | 'ticketHash'>> {
  const invitationHash = digest(`invitation of ${slug}`)
  const tokenHash = digest(`token of ${slug}`)
  const ticketHash = digest(`ticket of ${slug}`)
  const invitations = await ask<{ id: InvitationId }>(
    `insert into invitation (workspace_id, token_hash, role, project_id, created_by, expires_at)
     values ($1, $2, 'editor', $3, $4, now() + interval '7 days') returning id`,
    [workspace, invitationHash, project, user],
  )
  const tokens = await ask<{ id: TokenId }>(
    `insert into api_token (user_id, bound_workspace, name, token_hash, hint, scopes) values ($1, $2, 'laptop', $3, 'abcd', '{docs:read}') returning id`,
    [user, workspace, tokenHash],
  )
  await ask(
    `insert into collab_ticket (hash, user_id, project_id, expires_at) values ($1, $2, $3, now() + interval '1 minute')`,
    [ticketHash, user, project],
  )
  return {
    invitation: invitations[0]?.id as InvitationId,
    invitationHash,
    token: tokens[0]?.id as TokenId,
    tokenHash,
    ticketHash,
  }
}

async function seedPull(
  ask: TestDatabase['ask'],
  workspace: WorkspaceId,
  project: ProjectId,
  theirs: Oid,
): Promise<string> {
  const keys = [workspace, project]
  const [pull] = await ask<{ id: string }>(
    `insert into pull (project_id, workspace_id, kind, theirs_oid) values ($2, $1, 'merge', $3) returning id`,
    [...keys, theirs],
  )
  await ask(`insert into pull_file (workspace_id, pull_id, path) values ($1, $2, 'secret/plan.md')`, [
    workspace,
    pull?.id,
  ])
  await ask(
    `insert into conflict (workspace_id, project_id, pull_id, kind, what, path, remote_oid) values ($1, $2, $3, 'file', 'both-binary', 'secret/plan.md', $4)`,
    [...keys, pull?.id, theirs],
  )
  await ask(
    `insert into snapshot (project_id, workspace_id, cut, base_oid, tree_version, files, at, author, message, pull_id)
     values ($2, $1, 1, null, 3, '[]', now(), 'skein', 'Secret', $3)`,
    [...keys, pull?.id],
  )
  return pull?.id ?? ''
}
