-- The base schema: tenancy, projects and files, live documents, Git storage, GitHub link, jobs.
--
-- Roles: skein_owner owns and migrates; skein_app serves (row-level security, forced, by the transaction's
-- `skein.workspace`); skein_log loads and appends updates across workspaces (one commit serves all documents of a node).
-- Account tables of better-auth live in the schema `auth`; user ids are text and are not foreign keys here.

-- ── instance ────────────────────────────────────────────────────────────────────────────────────

create table instance_setting (
  key text primary key,
  value jsonb not null
);

-- ── workspaces ──────────────────────────────────────────────────────────────────────────────────

create table workspace (
  id uuid primary key default uuidv7(),
  slug text not null,
  name text not null,
  personal_of text unique,          -- user id, for the workspace made at sign-up
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index workspace_slug on workspace (slug) where deleted_at is null;

create table workspace_member (
  workspace_id uuid not null references workspace on delete cascade,
  user_id text not null,
  role text not null check (role in ('owner', 'admin', 'editor', 'commenter', 'viewer')),
  joined_at timestamptz not null default now(),
  primary key (workspace_id, user_id)
);
create index workspace_member_user on workspace_member (user_id);

create table invitation (
  id uuid primary key default uuidv7(),
  workspace_id uuid not null references workspace on delete cascade,
  token_hash bytea not null unique,
  role text not null check (role in ('admin', 'editor', 'commenter', 'viewer')),
  project_id uuid,                  -- where to land after accepting
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  uses integer not null default 0,
  uses_max integer not null default 1 check (uses_max between 1 and 100),
  revoked_at timestamptz
);
create index invitation_workspace on invitation (workspace_id);

-- Looked up by hash before any workspace is known, hence without row-level security: queries/token.ts and queries/ticket.ts only.
create table api_token (
  id uuid primary key default uuidv7(),
  user_id text not null,
  bound_workspace uuid references workspace on delete cascade,  -- null: every workspace of the user
  name text not null,
  token_hash bytea not null unique,
  hint text not null,               -- last four characters, to tell tokens apart
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_token_user on api_token (user_id);

create table collab_ticket (
  hash bytea primary key,
  user_id text not null,
  token_id uuid references api_token on delete cascade,
  expires_at timestamptz not null
);

-- ── projects and files ──────────────────────────────────────────────────────────────────────────

create table project (
  id uuid primary key default uuidv7(),
  workspace_id uuid not null references workspace on delete cascade,
  slug text not null,
  name text not null,
  state text not null default 'ready' check (state in ('importing', 'ready', 'failed')),
  source text not null default 'empty' check (source in ('empty', 'template', 'git')),
  source_url text,
  default_branch text not null default 'main',
  tree_version bigint not null default 0,  -- + 1 with every change of the file rows
  cut bigint not null default 0,           -- number of the last snapshot cut
  event_seq bigint not null default 0,     -- number of the last event
  created_by text not null,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_by text
);
create unique index project_slug on project (workspace_id, slug) where deleted_at is null;

-- One row per entry of the tree. `committed_*` is what the last snapshot holds at this row (null: nothing yet); a row whose
-- present differs from it has a row in dirty_file.
create table file (
  id uuid primary key default uuidv7(),
  workspace_id uuid not null references workspace on delete cascade,
  project_id uuid not null references project on delete cascade,
  path text not null,               -- for kind 'opaque' with a name that is not UTF-8: a readable form
  path_raw bytea,                   -- only for names that are not UTF-8
  path_key text not null,           -- twin key: case folded, NFC
  kind text not null check (kind in ('text', 'binary', 'symlink', 'submodule', 'lfs', 'opaque')),
  mode integer not null default 33188,     -- Git mode as a number: 0o100644, 0o100755, 0o120000, 0o160000
  bytes bigint not null default 0,
  document_id uuid unique,
  eol text check (eol in ('lf', 'crlf', 'mixed')),   -- text only
  bom boolean not null default false,
  blob_sha256 bytea,                -- content not committed yet, in the blob store; null: the committed content holds
  committed_path text,
  committed_mode integer,
  committed_oid text,
  version bigint not null default 1,       -- + 1 with every change of this row by people
  created_by text not null,
  created_at timestamptz not null default now(),
  changed_by text not null,
  changed_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_by text
);
create unique index file_path on file (project_id, path) where deleted_at is null and kind <> 'opaque';
create unique index file_twin on file (project_id, path_key) where deleted_at is null and kind <> 'opaque';
create index file_project on file (project_id) where deleted_at is null;
create index file_trash on file (project_id, deleted_at) where deleted_at is not null;

-- What the next snapshot has to look at. Inserted by the log in the commit of an edit and by file commands in their transaction;
-- removed by the snapshot that holds the change (only when document head and file version are still those of its cut). No row-level security: the
-- log and the worker's claim cross workspaces; queries/document-log.ts, queries/file.ts and queries/snapshot.ts only.
create table dirty_file (
  file_id uuid primary key references file on delete cascade,
  project_id uuid not null,
  owner_workspace uuid not null,
  since timestamptz not null default now()
);
create index dirty_file_project on dirty_file (project_id);

create table event (
  project_id uuid not null references project on delete cascade,
  seq bigint not null,
  workspace_id uuid not null,
  type text not null,
  data jsonb not null,
  at timestamptz not null default now(),
  primary key (project_id, seq)
);

-- Colours of people, by order of joining, kept per project.
create table project_colour (
  project_id uuid not null references project on delete cascade,
  workspace_id uuid not null,
  actor text not null,
  colour integer not null,
  primary key (project_id, actor)
);

create table blob (
  workspace_id uuid not null references workspace on delete cascade,
  sha256 bytea not null,
  bytes bigint not null,
  content bytea not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, sha256)
);

-- ── live documents ──────────────────────────────────────────────────────────────────────────────

-- The narrow row that is locked: seq is gapless and in commit order for each document.
create table document (
  id uuid primary key,
  workspace_id uuid not null references workspace on delete cascade,
  project_id uuid not null references project on delete cascade,
  file_id uuid not null unique references file on delete cascade,
  epoch integer not null default 1,
  head bigint not null default 0,
  updated_at timestamptz not null default now()
) with (fillfactor = 50);
create index document_project on document (project_id);

create table document_update (
  document_id uuid not null references document on delete cascade,
  seq bigint not null,
  workspace_id uuid not null,
  payload bytea not null,           -- frames of {actor, run, raw V1 update}
  at timestamptz not null default now(),
  primary key (document_id, seq)
);

-- state is null until the document is opened for the first time: it is then seeded from text, once, under its own client id.
create table document_state (
  document_id uuid primary key references document on delete cascade,
  workspace_id uuid not null,
  upto_seq bigint not null default 0,
  state bytea,                      -- V2, holds rows up to upto_seq
  text text not null,               -- the plain text at text_seq
  text_seq bigint not null default 0
);

create table document_client (
  document_id uuid not null references document on delete cascade,
  client_id bigint not null,
  workspace_id uuid not null,
  actor text not null,
  epoch integer not null,
  retired boolean not null default false,
  primary key (document_id, client_id)
);

-- ── Git ─────────────────────────────────────────────────────────────────────────────────────────

create table repository (
  project_id uuid primary key references project on delete cascade,
  workspace_id uuid not null,
  gen bigint not null default 0,
  max_fence bigint not null default 0
);

create table ref (
  project_id uuid not null references repository on delete cascade,
  name text not null,
  workspace_id uuid not null,
  oid text not null,
  version bigint not null default 1,
  primary key (project_id, name)
);

create table reflog (
  project_id uuid not null references repository on delete cascade,
  n bigint generated always as identity,
  workspace_id uuid not null,
  name text not null,
  old_oid text,
  new_oid text,
  actor text not null,
  reason text not null,
  at timestamptz not null default now(),
  primary key (project_id, n)
);

create table pack (
  project_id uuid not null references repository on delete cascade,
  sha text not null,
  workspace_id uuid not null,
  source text not null check (source in ('snapshot', 'fetch', 'repack')),
  pack_bytes bigint not null,
  index_bytes bigint not null,
  gen bigint not null,
  dead_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (project_id, sha)
);

-- Written before the pack row that makes them visible; swept when no pack row follows within a day.
create table pack_chunk (
  project_id uuid not null references repository on delete cascade,
  sha text not null,
  part text not null check (part in ('pack', 'index')),
  n integer not null,
  workspace_id uuid not null,
  data bytea not null check (octet_length(data) <= 8388608),
  created_at timestamptz not null default now(),
  primary key (project_id, sha, part, n)
);

create table snapshot (
  op uuid primary key default uuidv7(),
  project_id uuid not null references project on delete cascade,
  workspace_id uuid not null,
  cut bigint not null,
  base_oid text,
  tree_version bigint not null,
  files jsonb not null,             -- the dirty files of the cut: [{file, document, seq, version}]
  at timestamptz not null,
  author text not null,
  co_authors text[] not null default '{}',
  message text not null,
  state text not null default 'open' check (state in ('open', 'done', 'unchanged', 'abandoned')),
  commit_oid text,
  unique (project_id, cut)
);
create index snapshot_open on snapshot (project_id) where state = 'open';

create table git_commit (
  project_id uuid not null references repository on delete cascade,
  oid text not null,
  workspace_id uuid not null,
  parents text[] not null,
  author_name text not null,
  author_email text not null,
  author_actor text,                -- null for imported history
  authored_at timestamptz not null,
  committed_at timestamptz not null,
  message text not null,
  kind text not null check (kind in ('snapshot', 'remote', 'restore', 'release')),
  files_changed integer,
  n bigint generated always as identity,   -- order of arrival; parents before children
  primary key (project_id, oid)
);
create index git_commit_order on git_commit (project_id, n desc);

-- ── GitHub ──────────────────────────────────────────────────────────────────────────────────────

create table github_link (
  project_id uuid primary key references project on delete cascade,
  workspace_id uuid not null,
  installation_id bigint not null,
  repository_id bigint not null,
  full_name text not null,          -- display only; the numeric ids are the key
  html_url text not null,
  branch text not null,
  state text not null default 'active' check (state in ('active', 'held')),
  held_code text,
  held_message text,
  remote_oid text,                  -- the remote head that was seen last
  pushed_oid text,                  -- the commit of ours that GitHub confirmed last
  pushed_at timestamptz,
  created_by text not null,
  created_at timestamptz not null default now()
);

-- One row per project with something to push. No row-level security (the worker's claim crosses workspaces): queries/outbox.ts only.
create table outbox (
  project_id uuid primary key references project on delete cascade,
  owner_workspace uuid not null,
  ref text not null,
  target text not null,
  attempts integer not null default 0,
  next_at timestamptz not null default now(),
  leased_until timestamptz,
  error_code text,
  error_message text,
  created_at timestamptz not null default now()
);
create index outbox_due on outbox (next_at);

create table sync_operation (
  id uuid primary key default uuidv7(),
  project_id uuid not null references project on delete cascade,
  workspace_id uuid not null,
  direction text not null check (direction in ('push', 'pull')),
  mode text not null default 'direct_commit',
  trigger text not null,
  state text not null check (state in ('running', 'done', 'failed', 'held')),
  oid_before text,
  oid_after text,
  commits integer,
  error_code text,
  error_message text,
  attempts integer not null default 1,
  quota_left integer,
  started_at timestamptz not null default now(),
  finished_at timestamptz
);
create index sync_operation_project on sync_operation (project_id, started_at desc);

-- ── jobs ────────────────────────────────────────────────────────────────────────────────────────

-- No row-level security (the worker's claim crosses workspaces): queries/job.ts only.
create table job (
  id uuid primary key default uuidv7(),
  owner_workspace uuid not null references workspace on delete cascade,
  project_id uuid references project on delete cascade,
  kind text not null check (kind in ('import')),
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  input jsonb not null,
  progress jsonb not null default '{}',
  error jsonb,
  attempts integer not null default 0,
  leased_until timestamptz,
  cancel_requested boolean not null default false,
  created_by text not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
create index job_due on job (created_at) where state in ('queued', 'running');
create index job_project on job (project_id);

-- ── finding things before the workspace is known ────────────────────────────────────────────────
-- Security definer functions are the only way across workspaces for skein_app: each answers one question about one user.

create function workspaces_of(member text)
returns table (workspace_id uuid, slug text, name text, role text, personal boolean, created_at timestamptz)
language sql stable security definer set search_path = public as $$
  select w.id, w.slug, w.name, m.role, w.personal_of is not null, w.created_at
  from workspace_member m join workspace w on w.id = m.workspace_id
  where m.user_id = member and w.deleted_at is null
  order by w.created_at
$$;

-- reference: a project's id, or `workspace-slug/project-slug`.
create function find_project(reference text, member text)
returns table (project_id uuid, workspace_id uuid, role text)
language sql stable security definer set search_path = public as $$
  select p.id, p.workspace_id, m.role
  from project p
  join workspace w on w.id = p.workspace_id and w.deleted_at is null
  join workspace_member m on m.workspace_id = w.id and m.user_id = member
  where p.deleted_at is null
    and (p.id::text = reference or w.slug || '/' || p.slug = reference)
$$;

create function find_document(document uuid, member text)
returns table (document_id uuid, file_id uuid, project_id uuid, workspace_id uuid, epoch integer, role text)
language sql stable security definer set search_path = public as $$
  select d.id, d.file_id, d.project_id, d.workspace_id, d.epoch, m.role
  from document d
  join project p on p.id = d.project_id and p.deleted_at is null
  join workspace w on w.id = d.workspace_id and w.deleted_at is null
  join workspace_member m on m.workspace_id = w.id and m.user_id = member
  where d.id = document
$$;

-- What the page of an invitation may say before it is accepted.
create function find_invitation(hash bytea)
returns table (
  invitation_id uuid, workspace_id uuid, workspace_name text, role text, project_id uuid, project_name text,
  created_by text, expires_at timestamptz, uses integer, uses_max integer, revoked_at timestamptz
)
language sql stable security definer set search_path = public as $$
  select i.id, i.workspace_id, w.name, i.role, p.id, p.name, i.created_by, i.expires_at, i.uses, i.uses_max, i.revoked_at
  from invitation i
  join workspace w on w.id = i.workspace_id and w.deleted_at is null
  left join project p on p.id = i.project_id and p.deleted_at is null
  where i.token_hash = hash
$$;

-- ── row-level security ──────────────────────────────────────────────────────────────────────────

do $$
declare
  t text;
begin
  foreach t in array array[
    'workspace_member', 'invitation', 'project', 'file', 'event', 'project_colour', 'blob', 'document', 'document_update',
    'document_state', 'document_client', 'repository', 'ref', 'reflog', 'pack', 'pack_chunk', 'snapshot', 'git_commit', 'github_link',
    'sync_operation'
  ] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format(
      'create policy tenant on %I to skein_app using (workspace_id = nullif(current_setting(''skein.workspace'', true), '''')::uuid)', t);
  end loop;
  alter table workspace enable row level security, force row level security;
  create policy tenant on workspace to skein_app using (id = nullif(current_setting('skein.workspace', true), '')::uuid);

  -- The functions above run as the owner; these four tables are all that they read.
  foreach t in array array['workspace', 'workspace_member', 'project', 'document', 'invitation'] loop
    execute format('create policy owner on %I for select to skein_owner using (true)', t);
  end loop;

  foreach t in array array['document', 'document_update', 'document_state', 'document_client'] loop
    execute format('create policy log on %I to skein_log using (true) with check (true)', t);
  end loop;
end $$;

grant usage on schema public to skein_app, skein_log;
grant select, insert, update, delete on all tables in schema public to skein_app;
revoke insert, update, delete on document_update from skein_app;
grant select, update (head, updated_at) on document to skein_log;
grant select, insert on document_update to skein_log;
grant select, insert, update on document_state, document_client to skein_log;
grant select, insert on dirty_file to skein_log;
revoke all on function workspaces_of, find_project, find_document, find_invitation from public;
grant execute on function workspaces_of, find_project, find_document, find_invitation to skein_app;
