-- The schema after all migrations, written by `npx vitest run -u db/src/schema.pg.test.ts`. Do not edit: add a migration.

-- tables

create table auth.account (
  id text not null,
  "accountId" text not null,
  "providerId" text not null,
  "userId" text not null,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamp with time zone,
  "refreshTokenExpiresAt" timestamp with time zone,
  scope text,
  password text,
  "createdAt" timestamp with time zone not null default CURRENT_TIMESTAMP,
  "updatedAt" timestamp with time zone not null
);
create table auth.session (
  id text not null,
  "expiresAt" timestamp with time zone not null,
  token text not null,
  "createdAt" timestamp with time zone not null default CURRENT_TIMESTAMP,
  "updatedAt" timestamp with time zone not null,
  "ipAddress" text,
  "userAgent" text,
  "userId" text not null
);
create table auth."user" (
  id text not null,
  name text not null,
  email text not null,
  "emailVerified" boolean not null,
  image text,
  "createdAt" timestamp with time zone not null default CURRENT_TIMESTAMP,
  "updatedAt" timestamp with time zone not null default CURRENT_TIMESTAMP
);
create table auth.verification (
  id text not null,
  identifier text not null,
  value text not null,
  "expiresAt" timestamp with time zone not null,
  "createdAt" timestamp with time zone not null default CURRENT_TIMESTAMP,
  "updatedAt" timestamp with time zone not null default CURRENT_TIMESTAMP
);
create table public.api_token (
  id uuid not null default uuidv7(),
  user_id text not null,
  bound_workspace uuid,
  name text not null,
  token_hash bytea not null,
  hint text not null,
  scopes text[] not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone
);
create table public.blob (
  workspace_id uuid not null,
  sha256 bytea not null,
  bytes bigint not null,
  content bytea not null,
  created_at timestamp with time zone not null default now()
);
create table public.collab_ticket (
  hash bytea not null,
  user_id text not null,
  token_id uuid,
  expires_at timestamp with time zone not null,
  project_id uuid,
  session_id text
);
create table public.commit_map (
  project_id uuid not null,
  workspace_id uuid not null,
  directory text not null,
  remote_oid text not null,
  local_oid text not null,
  is_own boolean not null,
  n bigint not null generated always as identity
);
create table public.conflict (
  id uuid not null default uuidv7(),
  workspace_id uuid not null,
  project_id uuid not null,
  pull_id uuid,
  file_id uuid,
  document_id uuid,
  kind text not null,
  what text not null,
  path text not null,
  line integer,
  context_before text not null default ''::text,
  context_after text not null default ''::text,
  base jsonb,
  ours jsonb,
  theirs jsonb,
  anchor_start bytea,
  anchor_end bytea,
  ours_by text[] not null default '{}'::text[],
  remote_oid text not null,
  remote_author text,
  remote_at timestamp with time zone,
  state text not null default 'open'::text,
  choice text,
  resolved_by text,
  resolved_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  deciding_by text,
  deciding_until timestamp with time zone,
  putting jsonb
);
create table public.delivery (
  id text not null,
  event text not null,
  action text,
  installation_id bigint,
  repository_id bigint,
  ref text,
  state text not null default 'received'::text,
  attempts integer not null default 1,
  received_at timestamp with time zone not null default date_trunc('milliseconds'::text, now()),
  done_at timestamp with time zone,
  next_at timestamp with time zone not null default now(),
  leased_until timestamp with time zone,
  error text
);
create table public.delivery_rejection (
  hour timestamp with time zone not null,
  count bigint not null
);
create table public.dirty_file (
  file_id uuid not null,
  project_id uuid not null,
  owner_workspace uuid not null,
  since timestamp with time zone not null default now()
);
create table public.document (
  id uuid not null,
  workspace_id uuid not null,
  project_id uuid not null,
  file_id uuid not null,
  epoch integer not null default 1,
  head bigint not null default 0,
  updated_at timestamp with time zone not null default now(),
  log_bytes bigint not null default 0,
  repairs integer not null default 0
);
create table public.document_client (
  document_id uuid not null,
  client_id bigint not null,
  workspace_id uuid not null,
  actor text not null,
  epoch integer not null,
  retired boolean not null default false
);
create table public.document_keyframe (
  document_id uuid not null,
  seq bigint not null,
  workspace_id uuid not null,
  epoch integer not null,
  at timestamp with time zone not null default now(),
  state bytea not null,
  checksum bigint not null
);
create table public.document_quarantine (
  id uuid not null default uuidv7(),
  document_id uuid not null,
  workspace_id uuid not null,
  kind text not null,
  seq bigint not null,
  bytes bytea not null,
  reason text not null,
  at timestamp with time zone not null default now()
);
create table public.document_segment (
  document_id uuid not null,
  first_seq bigint not null,
  last_seq bigint not null,
  workspace_id uuid not null,
  epoch integer not null,
  updates integer not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  data bytea not null
);
create table public.document_state (
  document_id uuid not null,
  workspace_id uuid not null,
  upto_seq bigint not null default 0,
  state bytea,
  text text not null,
  text_seq bigint not null default 0,
  checksum bigint,
  upto_bytes bigint not null default 0,
  compact_from timestamp with time zone,
  opening bytea,
  opening_checksum bigint,
  opening_of bigint
);
create table public.document_update (
  document_id uuid not null,
  seq bigint not null,
  workspace_id uuid not null,
  payload bytea not null,
  at timestamp with time zone not null default now(),
  checksum bigint
);
create table public.event (
  project_id uuid not null,
  seq bigint not null,
  workspace_id uuid not null,
  type text not null,
  data jsonb not null,
  at timestamp with time zone not null default now()
);
create table public.file (
  id uuid not null default uuidv7(),
  workspace_id uuid not null,
  project_id uuid not null,
  path text not null,
  path_raw bytea,
  path_key text not null,
  kind text not null,
  mode integer not null default 33188,
  bytes bigint not null default 0,
  document_id uuid,
  eol text,
  bom boolean not null default false,
  blob_sha256 bytea,
  committed_path text,
  committed_mode integer,
  committed_oid text,
  version bigint not null default 1,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  changed_by text not null,
  changed_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  deleted_by text,
  committed_seq bigint not null default 0
);
create table public.former_github_link (
  project_id uuid not null,
  workspace_id uuid not null,
  link jsonb not null,
  unlinked_at timestamp with time zone not null default now()
);
create table public.git_commit (
  project_id uuid not null,
  oid text not null,
  workspace_id uuid not null,
  parents text[] not null,
  author_name text not null,
  author_email text not null,
  author_actor text,
  authored_at timestamp with time zone not null,
  committed_at timestamp with time zone not null,
  message text not null,
  kind text not null,
  files_changed integer,
  n bigint not null generated always as identity
);
create table public.github_app (
  one boolean not null default true,
  app_id text not null,
  slug text not null,
  name text not null,
  html_url text not null,
  private_key text not null,
  webhook_secret text,
  client_id text not null,
  client_secret text not null,
  created_by text not null,
  created_at timestamp with time zone not null default now()
);
create table public.github_installation (
  installation_id bigint not null,
  owner_workspace uuid not null,
  claimed_at timestamp with time zone not null default now(),
  account text,
  permissions jsonb,
  suspended_at timestamp with time zone,
  removed_at timestamp with time zone,
  quota_left integer,
  quota_limit integer,
  quota_resets_at timestamp with time zone,
  updated_at timestamp with time zone not null default now(),
  account_kind text,
  html_url text,
  proven_by text
);
create table public.github_link (
  project_id uuid not null,
  workspace_id uuid not null,
  installation_id bigint not null,
  repository_id bigint not null,
  full_name text not null,
  html_url text not null,
  branch text not null,
  state text not null default 'active'::text,
  held_code text,
  held_message text,
  remote_oid text,
  pushed_oid text,
  pushed_at timestamp with time zone,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  mode text not null default 'protected_pr'::text,
  mode_reason text,
  overlap_policy text not null default 'ask'::text,
  directory text not null default ''::text,
  merged_oid text,
  paused_at timestamp with time zone,
  paused_by text,
  checked_at timestamp with time zone,
  viewed_at timestamp with time zone,
  rules jsonb,
  pr_branch text,
  pr_number integer,
  pr_url text,
  pr_title text,
  pr_state text,
  pr_base_oid text,
  pr_head_oid text,
  default_branch text,
  api_checked_at timestamp with time zone,
  held_lifts text not null default 'itself'::text,
  held_oid text,
  refusal jsonb,
  settled_oid text,
  is_archived boolean not null default false,
  pr_base_branch text,
  pr_merge_oid text,
  pr_last_oid text,
  pr_seen_with text,
  pr_described_oid text,
  pr_text_hash text,
  pr_text_at timestamp with time zone,
  api_not_before timestamp with time zone,
  pr_head_branch text
);
create table public.github_state (
  hash bytea not null,
  kind text not null,
  user_id text not null,
  for_workspace uuid,
  installation_id bigint,
  expires_at timestamp with time zone not null
);
create table public.idempotency_key (
  workspace_id uuid not null,
  user_id text not null,
  route text not null,
  key text not null,
  request_hash bytea not null,
  run uuid not null,
  attempts integer not null default 1,
  claimed_until timestamp with time zone not null,
  status integer,
  answer jsonb,
  created_at timestamp with time zone not null default now()
);
create table public.instance_setting (
  key text not null,
  value jsonb not null
);
create table public.invitation (
  id uuid not null default uuidv7(),
  workspace_id uuid not null,
  token_hash bytea not null,
  role text not null,
  project_id uuid,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  uses integer not null default 0,
  uses_max integer not null default 1,
  revoked_at timestamp with time zone
);
create table public.job (
  id uuid not null default uuidv7(),
  owner_workspace uuid not null,
  project_id uuid,
  kind text not null,
  state text not null default 'queued'::text,
  input jsonb not null,
  progress jsonb not null default '{}'::jsonb,
  error jsonb,
  attempts integer not null default 0,
  leased_until timestamp with time zone,
  cancel_requested boolean not null default false,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  started_at timestamp with time zone,
  finished_at timestamp with time zone
);
create table public.outbox (
  project_id uuid not null,
  owner_workspace uuid not null,
  ref text,
  target text,
  attempts integer not null default 0,
  next_at timestamp with time zone not null default now(),
  leased_until timestamp with time zone,
  error_code text,
  error_message text,
  created_at timestamp with time zone not null default now(),
  trigger text not null default 'snapshot'::text,
  check_reason text,
  delivery text,
  version bigint not null default 1,
  is_deep boolean not null default false,
  not_before timestamp with time zone,
  since timestamp with time zone not null default now(),
  claim uuid,
  faults integer not null default 0
);
create table public.pack (
  project_id uuid not null,
  sha text not null,
  workspace_id uuid not null,
  source text not null,
  pack_bytes bigint not null,
  index_bytes bigint not null,
  gen bigint not null,
  dead_at timestamp with time zone,
  created_at timestamp with time zone not null default now()
);
create table public.pack_chunk (
  project_id uuid not null,
  sha text not null,
  part text not null,
  n integer not null,
  workspace_id uuid not null,
  data bytea not null,
  created_at timestamp with time zone not null default now()
);
create table public.project (
  id uuid not null default uuidv7(),
  workspace_id uuid not null,
  slug text not null,
  name text not null,
  state text not null default 'ready'::text,
  source text not null default 'empty'::text,
  source_url text,
  default_branch text not null default 'main'::text,
  tree_version bigint not null default 0,
  cut bigint not null default 0,
  event_seq bigint not null default 0,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  deleted_by text,
  file_count integer not null default 0
);
create table public.project_colour (
  project_id uuid not null,
  workspace_id uuid not null,
  actor text not null,
  colour integer not null
);
create table public.pull (
  id uuid not null default uuidv7(),
  project_id uuid not null,
  workspace_id uuid not null,
  operation uuid,
  kind text not null,
  base_oid text,
  ours_oid text,
  theirs_oid text not null,
  state text not null default 'applying'::text,
  attempts integer not null default 0,
  detail jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  finished_at timestamp with time zone
);
create table public.pull_file (
  pull_id uuid not null,
  workspace_id uuid not null,
  path bytea not null
);
create table public.ref (
  project_id uuid not null,
  name text not null,
  workspace_id uuid not null,
  oid text not null,
  version bigint not null default 1
);
create table public.reflog (
  project_id uuid not null,
  n bigint not null generated always as identity,
  workspace_id uuid not null,
  name text not null,
  old_oid text,
  new_oid text,
  actor text not null,
  reason text not null,
  at timestamp with time zone not null default now()
);
create table public.repository (
  project_id uuid not null,
  workspace_id uuid not null,
  gen bigint not null default 0,
  max_fence bigint not null default 0,
  fence bigint not null default 0,
  leased_until timestamp with time zone,
  repacked_gen bigint not null default 0,
  collected_at timestamp with time zone not null default now(),
  packing_until timestamp with time zone
);
create table public.request_limit (
  key text not null,
  count integer not null,
  resets_at timestamp with time zone not null
);
create table public.secret_finding (
  id uuid not null default uuidv7(),
  workspace_id uuid not null,
  project_id uuid not null,
  commit_oid text not null,
  blob_oid text not null,
  path text not null,
  line integer not null,
  rule text not null,
  message text not null,
  fingerprint bytea not null,
  state text not null default 'open'::text,
  released_by text,
  released_at timestamp with time zone,
  note text,
  created_at timestamp with time zone not null default now()
);
create table public.snapshot (
  op uuid not null default uuidv7(),
  project_id uuid not null,
  workspace_id uuid not null,
  cut bigint not null,
  base_oid text,
  tree_version bigint not null,
  files jsonb not null,
  at timestamp with time zone not null,
  author text not null,
  co_authors text[] not null default '{}'::text[],
  message text not null,
  state text not null default 'open'::text,
  commit_oid text,
  author_name text not null default 'Skein'::text,
  parents text[],
  pull_id uuid
);
create table public.suggestion (
  id uuid not null default uuidv7(),
  workspace_id uuid not null,
  project_id uuid not null,
  document_id uuid not null,
  run text not null,
  call text not null,
  n integer not null,
  author text not null,
  reason text not null,
  revision text not null,
  anchor_start bytea not null,
  anchor_end bytea not null,
  base_text text not null,
  present_text text not null,
  new_text text not null,
  state text not null default 'open'::text,
  created_at timestamp with time zone not null default now()
);
create table public.sync_operation (
  id uuid not null default uuidv7(),
  project_id uuid not null,
  workspace_id uuid not null,
  direction text not null,
  mode text not null default 'direct_commit'::text,
  trigger text not null,
  state text not null,
  oid_before text,
  oid_after text,
  commits integer,
  error_code text,
  error_message text,
  attempts integer not null default 1,
  quota_left integer,
  started_at timestamp with time zone not null default now(),
  finished_at timestamp with time zone,
  files integer,
  insertions integer,
  deletions integer,
  conflicts integer,
  delivery text,
  pull_request integer,
  branch text,
  note text
);
create table public.workspace (
  id uuid not null default uuidv7(),
  slug text not null,
  name text not null,
  personal_of text,
  created_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone
);
create table public.workspace_member (
  workspace_id uuid not null,
  user_id text not null,
  role text not null,
  joined_at timestamp with time zone not null default now()
);

-- storage parameters

alter table document set (fillfactor=50);

-- constraints

alter table api_token add constraint api_token_bound_workspace_fkey FOREIGN KEY (bound_workspace) REFERENCES workspace(id) ON DELETE CASCADE;
alter table api_token add constraint api_token_pkey PRIMARY KEY (id);
alter table api_token add constraint api_token_token_hash_key UNIQUE (token_hash);
alter table auth."user" add constraint user_email_key UNIQUE (email);
alter table auth."user" add constraint user_pkey PRIMARY KEY (id);
alter table auth.account add constraint account_pkey PRIMARY KEY (id);
alter table auth.account add constraint "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES auth."user"(id) ON DELETE CASCADE;
alter table auth.session add constraint session_pkey PRIMARY KEY (id);
alter table auth.session add constraint session_token_key UNIQUE (token);
alter table auth.session add constraint "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES auth."user"(id) ON DELETE CASCADE;
alter table auth.verification add constraint verification_pkey PRIMARY KEY (id);
alter table blob add constraint blob_pkey PRIMARY KEY (workspace_id, sha256);
alter table blob add constraint blob_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace(id) ON DELETE CASCADE;
alter table collab_ticket add constraint collab_ticket_pkey PRIMARY KEY (hash);
alter table collab_ticket add constraint collab_ticket_project_id_fkey FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
alter table collab_ticket add constraint collab_ticket_session_id_fkey FOREIGN KEY (session_id) REFERENCES auth.session(id) ON DELETE CASCADE;
alter table collab_ticket add constraint collab_ticket_token_id_fkey FOREIGN KEY (token_id) REFERENCES api_token(id) ON DELETE CASCADE;
alter table commit_map add constraint commit_map_pkey PRIMARY KEY (project_id, directory, remote_oid);
alter table commit_map add constraint commit_map_project_id_workspace_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table conflict add constraint conflict_choice_check CHECK ((choice = ANY (ARRAY['ours'::text, 'theirs'::text, 'both'::text, 'current'::text])));
alter table conflict add constraint conflict_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id) ON DELETE CASCADE;
alter table conflict add constraint conflict_file_id_fkey FOREIGN KEY (file_id) REFERENCES file(id) ON DELETE CASCADE;
alter table conflict add constraint conflict_kind_check CHECK ((kind = ANY (ARRAY['lines'::text, 'file'::text])));
alter table conflict add constraint conflict_pkey PRIMARY KEY (id);
alter table conflict add constraint conflict_project_id_workspace_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table conflict add constraint conflict_pull_id_fkey FOREIGN KEY (pull_id) REFERENCES pull(id) ON DELETE SET NULL;
alter table conflict add constraint conflict_state_check CHECK ((state = ANY (ARRAY['open'::text, 'resolved'::text])));
alter table delivery add constraint delivery_pkey PRIMARY KEY (id);
alter table delivery add constraint delivery_state_check CHECK ((state = ANY (ARRAY['received'::text, 'done'::text])));
alter table delivery_rejection add constraint delivery_rejection_pkey PRIMARY KEY (hour);
alter table dirty_file add constraint dirty_file_file_id_fkey FOREIGN KEY (file_id) REFERENCES file(id) ON DELETE CASCADE;
alter table dirty_file add constraint dirty_file_pkey PRIMARY KEY (file_id);
alter table document add constraint document_file_id_fkey FOREIGN KEY (file_id) REFERENCES file(id) ON DELETE CASCADE;
alter table document add constraint document_file_id_key UNIQUE (file_id);
alter table document add constraint document_pkey PRIMARY KEY (id);
alter table document add constraint document_project_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table document add constraint document_whole UNIQUE (id, workspace_id);
alter table document add constraint document_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace(id) ON DELETE CASCADE;
alter table document_client add constraint document_client_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id) ON DELETE CASCADE;
alter table document_client add constraint document_client_pkey PRIMARY KEY (document_id, client_id);
alter table document_keyframe add constraint document_keyframe_document_id_workspace_id_fkey FOREIGN KEY (document_id, workspace_id) REFERENCES document(id, workspace_id) ON DELETE CASCADE;
alter table document_keyframe add constraint document_keyframe_pkey PRIMARY KEY (document_id, seq);
alter table document_quarantine add constraint document_quarantine_document_id_workspace_id_fkey FOREIGN KEY (document_id, workspace_id) REFERENCES document(id, workspace_id) ON DELETE CASCADE;
alter table document_quarantine add constraint document_quarantine_kind_check CHECK ((kind = ANY (ARRAY['update'::text, 'state'::text, 'segment'::text, 'keyframe'::text, 'text'::text])));
alter table document_quarantine add constraint document_quarantine_pkey PRIMARY KEY (id);
alter table document_segment add constraint document_segment_document_id_workspace_id_fkey FOREIGN KEY (document_id, workspace_id) REFERENCES document(id, workspace_id) ON DELETE CASCADE;
alter table document_segment add constraint document_segment_pkey PRIMARY KEY (document_id, first_seq);
alter table document_state add constraint document_state_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id) ON DELETE CASCADE;
alter table document_state add constraint document_state_pkey PRIMARY KEY (document_id);
alter table document_update add constraint document_update_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id) ON DELETE CASCADE;
alter table document_update add constraint document_update_pkey PRIMARY KEY (document_id, seq);
alter table event add constraint event_pkey PRIMARY KEY (project_id, seq);
alter table event add constraint event_project_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table file add constraint file_document_id_key UNIQUE (document_id);
alter table file add constraint file_eol_check CHECK ((eol = ANY (ARRAY['lf'::text, 'crlf'::text, 'mixed'::text])));
alter table file add constraint file_kind_check CHECK ((kind = ANY (ARRAY['text'::text, 'binary'::text, 'symlink'::text, 'submodule'::text, 'lfs'::text, 'opaque'::text])));
alter table file add constraint file_pkey PRIMARY KEY (id);
alter table file add constraint file_project_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table file add constraint file_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace(id) ON DELETE CASCADE;
alter table former_github_link add constraint former_github_link_pkey PRIMARY KEY (project_id);
alter table former_github_link add constraint former_github_link_project_id_workspace_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table git_commit add constraint git_commit_kind_check CHECK ((kind = ANY (ARRAY['snapshot'::text, 'remote'::text, 'pushed'::text, 'restore'::text, 'release'::text])));
alter table git_commit add constraint git_commit_pkey PRIMARY KEY (project_id, oid);
alter table git_commit add constraint git_commit_project_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES repository(project_id, workspace_id) ON DELETE CASCADE;
alter table github_app add constraint github_app_one_check CHECK (one);
alter table github_app add constraint github_app_pkey PRIMARY KEY (one);
alter table github_installation add constraint github_installation_account_kind_check CHECK ((account_kind = ANY (ARRAY['Organization'::text, 'User'::text])));
alter table github_installation add constraint github_installation_owner_workspace_fkey FOREIGN KEY (owner_workspace) REFERENCES workspace(id) ON DELETE CASCADE;
alter table github_installation add constraint github_installation_pkey PRIMARY KEY (installation_id);
alter table github_link add constraint github_link_held_lifts_check CHECK ((held_lifts = ANY (ARRAY['itself'::text, 'person'::text])));
alter table github_link add constraint github_link_mode_check CHECK ((mode = ANY (ARRAY['direct_commit'::text, 'protected_pr'::text, 'hybrid'::text])));
alter table github_link add constraint github_link_overlap_policy_check CHECK ((overlap_policy = ANY (ARRAY['ask'::text, 'theirs'::text, 'ours'::text, 'branch'::text])));
alter table github_link add constraint github_link_pkey PRIMARY KEY (project_id);
alter table github_link add constraint github_link_pr_state_check CHECK ((pr_state = ANY (ARRAY['open'::text, 'merged'::text, 'closed'::text])));
alter table github_link add constraint github_link_project_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table github_link add constraint github_link_state_check CHECK ((state = ANY (ARRAY['active'::text, 'held'::text])));
alter table github_state add constraint github_state_for_workspace_fkey FOREIGN KEY (for_workspace) REFERENCES workspace(id) ON DELETE CASCADE;
alter table github_state add constraint github_state_kind_check CHECK ((kind = ANY (ARRAY['manifest'::text, 'install'::text])));
alter table github_state add constraint github_state_pkey PRIMARY KEY (hash);
alter table idempotency_key add constraint idempotency_key_pkey PRIMARY KEY (workspace_id, user_id, route, key);
alter table idempotency_key add constraint idempotency_key_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace(id) ON DELETE CASCADE;
alter table instance_setting add constraint instance_setting_pkey PRIMARY KEY (key);
alter table invitation add constraint invitation_pkey PRIMARY KEY (id);
alter table invitation add constraint invitation_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'editor'::text, 'commenter'::text, 'viewer'::text])));
alter table invitation add constraint invitation_token_hash_key UNIQUE (token_hash);
alter table invitation add constraint invitation_uses_max_check CHECK (((uses_max >= 1) AND (uses_max <= 100)));
alter table invitation add constraint invitation_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace(id) ON DELETE CASCADE;
alter table job add constraint job_kind_check CHECK ((kind = 'import'::text));
alter table job add constraint job_owner_workspace_fkey FOREIGN KEY (owner_workspace) REFERENCES workspace(id) ON DELETE CASCADE;
alter table job add constraint job_pkey PRIMARY KEY (id);
alter table job add constraint job_project_id_fkey FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
alter table job add constraint job_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text])));
alter table outbox add constraint outbox_pkey PRIMARY KEY (project_id);
alter table outbox add constraint outbox_project_id_fkey FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
alter table pack add constraint pack_pkey PRIMARY KEY (project_id, sha);
alter table pack add constraint pack_project_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES repository(project_id, workspace_id) ON DELETE CASCADE;
alter table pack add constraint pack_source_check CHECK ((source = ANY (ARRAY['snapshot'::text, 'fetch'::text, 'repack'::text])));
alter table pack_chunk add constraint pack_chunk_data_check CHECK ((octet_length(data) <= 8388608));
alter table pack_chunk add constraint pack_chunk_part_check CHECK ((part = ANY (ARRAY['pack'::text, 'index'::text])));
alter table pack_chunk add constraint pack_chunk_pkey PRIMARY KEY (project_id, sha, part, n);
alter table pack_chunk add constraint pack_chunk_project_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES repository(project_id, workspace_id) ON DELETE CASCADE;
alter table project add constraint project_pkey PRIMARY KEY (id);
alter table project add constraint project_source_check CHECK ((source = ANY (ARRAY['empty'::text, 'template'::text, 'git'::text])));
alter table project add constraint project_state_check CHECK ((state = ANY (ARRAY['importing'::text, 'ready'::text, 'failed'::text])));
alter table project add constraint project_whole UNIQUE (id, workspace_id);
alter table project add constraint project_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace(id) ON DELETE CASCADE;
alter table project_colour add constraint project_colour_pkey PRIMARY KEY (project_id, actor);
alter table project_colour add constraint project_colour_project_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table pull add constraint pull_pkey PRIMARY KEY (id);
alter table pull add constraint pull_project_id_workspace_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table pull add constraint pull_state_check CHECK ((state = ANY (ARRAY['applying'::text, 'done'::text, 'abandoned'::text])));
alter table pull_file add constraint pull_file_pkey PRIMARY KEY (pull_id, path);
alter table pull_file add constraint pull_file_pull_id_fkey FOREIGN KEY (pull_id) REFERENCES pull(id) ON DELETE CASCADE;
alter table ref add constraint ref_pkey PRIMARY KEY (project_id, name);
alter table ref add constraint ref_project_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES repository(project_id, workspace_id) ON DELETE CASCADE;
alter table reflog add constraint reflog_pkey PRIMARY KEY (project_id, n);
alter table reflog add constraint reflog_project_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES repository(project_id, workspace_id) ON DELETE CASCADE;
alter table repository add constraint repository_pkey PRIMARY KEY (project_id);
alter table repository add constraint repository_project_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table repository add constraint repository_whole UNIQUE (project_id, workspace_id);
alter table request_limit add constraint request_limit_pkey PRIMARY KEY (key);
alter table secret_finding add constraint secret_finding_pkey PRIMARY KEY (id);
alter table secret_finding add constraint secret_finding_project_id_path_fingerprint_key UNIQUE (project_id, path, fingerprint);
alter table secret_finding add constraint secret_finding_project_id_workspace_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table secret_finding add constraint secret_finding_state_check CHECK ((state = ANY (ARRAY['open'::text, 'released'::text, 'gone'::text])));
alter table snapshot add constraint snapshot_pkey PRIMARY KEY (op);
alter table snapshot add constraint snapshot_project_id_cut_key UNIQUE (project_id, cut);
alter table snapshot add constraint snapshot_project_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table snapshot add constraint snapshot_pull_id_fkey FOREIGN KEY (pull_id) REFERENCES pull(id) ON DELETE SET NULL;
alter table snapshot add constraint snapshot_state_check CHECK ((state = ANY (ARRAY['open'::text, 'done'::text, 'unchanged'::text, 'abandoned'::text])));
alter table suggestion add constraint suggestion_document_id_call_n_key UNIQUE (document_id, call, n);
alter table suggestion add constraint suggestion_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id) ON DELETE CASCADE;
alter table suggestion add constraint suggestion_pkey PRIMARY KEY (id);
alter table suggestion add constraint suggestion_project_id_workspace_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table suggestion add constraint suggestion_reason_check CHECK ((reason = ANY (ARRAY['changed'::text, 'beside'::text, 'typing'::text])));
alter table suggestion add constraint suggestion_state_check CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'rejected'::text])));
alter table sync_operation add constraint sync_operation_direction_check CHECK ((direction = ANY (ARRAY['push'::text, 'pull'::text, 'event'::text])));
alter table sync_operation add constraint sync_operation_pkey PRIMARY KEY (id);
alter table sync_operation add constraint sync_operation_project_id_fkey FOREIGN KEY (project_id, workspace_id) REFERENCES project(id, workspace_id) ON DELETE CASCADE;
alter table sync_operation add constraint sync_operation_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text, 'held'::text])));
alter table workspace add constraint workspace_personal_of_key UNIQUE (personal_of);
alter table workspace add constraint workspace_pkey PRIMARY KEY (id);
alter table workspace_member add constraint workspace_member_pkey PRIMARY KEY (workspace_id, user_id);
alter table workspace_member add constraint workspace_member_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'editor'::text, 'commenter'::text, 'viewer'::text])));
alter table workspace_member add constraint workspace_member_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace(id) ON DELETE CASCADE;

-- indexes

CREATE INDEX "account_userId_idx" ON auth.account USING btree ("userId");
CREATE INDEX "session_userId_idx" ON auth.session USING btree ("userId");
CREATE INDEX api_token_user ON public.api_token USING btree (user_id);
CREATE INDEX blob_age ON public.blob USING btree (workspace_id, created_at);
CREATE INDEX collab_ticket_expires ON public.collab_ticket USING btree (expires_at);
CREATE INDEX collab_ticket_session ON public.collab_ticket USING btree (session_id) WHERE (session_id IS NOT NULL);
CREATE INDEX commit_map_local ON public.commit_map USING btree (project_id, directory, local_oid, n);
CREATE INDEX conflict_document ON public.conflict USING btree (document_id) WHERE (state = 'open'::text);
CREATE INDEX conflict_open ON public.conflict USING btree (project_id, id) WHERE (state = 'open'::text);
CREATE INDEX conflict_pull ON public.conflict USING btree (pull_id);
CREATE INDEX conflict_resolved ON public.conflict USING btree (project_id, id) WHERE (state = 'resolved'::text);
CREATE INDEX delivery_age ON public.delivery USING btree (received_at);
CREATE INDEX delivery_waiting ON public.delivery USING btree (next_at) WHERE (state = 'received'::text);
CREATE INDEX dirty_file_project ON public.dirty_file USING btree (project_id);
CREATE INDEX document_project ON public.document USING btree (project_id);
CREATE INDEX document_quarantine_document ON public.document_quarantine USING btree (document_id);
CREATE INDEX file_blob ON public.file USING btree (workspace_id, blob_sha256) WHERE (blob_sha256 IS NOT NULL);
CREATE INDEX file_folder ON public.file USING btree (project_id, path_key text_pattern_ops) WHERE (deleted_at IS NULL);
CREATE INDEX file_project ON public.file USING btree (project_id) WHERE (deleted_at IS NULL);
CREATE INDEX file_text_order ON public.file USING btree (project_id, path COLLATE "C") WHERE ((deleted_at IS NULL) AND (kind = 'text'::text));
CREATE INDEX file_trash ON public.file USING btree (project_id, deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE INDEX git_commit_order ON public.git_commit USING btree (project_id, n DESC);
CREATE INDEX github_installation_owner ON public.github_installation USING btree (owner_workspace);
CREATE INDEX github_link_repository ON public.github_link USING btree (repository_id);
CREATE INDEX github_state_expiry ON public.github_state USING btree (expires_at);
CREATE INDEX idempotency_key_age ON public.idempotency_key USING btree (workspace_id, created_at);
CREATE INDEX invitation_workspace ON public.invitation USING btree (workspace_id);
CREATE INDEX job_due ON public.job USING btree (created_at) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));
CREATE INDEX job_project ON public.job USING btree (project_id);
CREATE INDEX outbox_due ON public.outbox USING btree (next_at);
CREATE INDEX pack_dead ON public.pack USING btree (dead_at) WHERE (dead_at IS NOT NULL);
CREATE INDEX pack_generation ON public.pack USING btree (project_id, gen);
CREATE INDEX request_limit_resets ON public.request_limit USING btree (resets_at);
CREATE INDEX secret_finding_open ON public.secret_finding USING btree (project_id) WHERE (state = 'open'::text);
CREATE INDEX snapshot_open ON public.snapshot USING btree (project_id) WHERE (state = 'open'::text);
CREATE INDEX suggestion_of_document ON public.suggestion USING btree (document_id) WHERE (state = 'open'::text);
CREATE INDEX suggestion_open ON public.suggestion USING btree (project_id, id) WHERE (state = 'open'::text);
CREATE INDEX sync_operation_project ON public.sync_operation USING btree (project_id, started_at DESC);
CREATE INDEX sync_operation_state ON public.sync_operation USING btree (state, id);
CREATE INDEX verification_identifier_idx ON auth.verification USING btree (identifier);
CREATE INDEX workspace_member_user ON public.workspace_member USING btree (user_id);
CREATE UNIQUE INDEX file_path ON public.file USING btree (project_id, path) WHERE ((deleted_at IS NULL) AND (kind <> 'opaque'::text));
CREATE UNIQUE INDEX file_twin ON public.file USING btree (project_id, path_key) WHERE ((deleted_at IS NULL) AND (kind <> 'opaque'::text));
CREATE UNIQUE INDEX idempotency_key_run ON public.idempotency_key USING btree (run);
CREATE UNIQUE INDEX project_slug ON public.project USING btree (workspace_id, slug) WHERE (deleted_at IS NULL);
CREATE UNIQUE INDEX pull_applying ON public.pull USING btree (project_id) WHERE (state = 'applying'::text);
CREATE UNIQUE INDEX workspace_slug ON public.workspace USING btree (slug) WHERE (deleted_at IS NULL);

-- functions

CREATE OR REPLACE FUNCTION public.all_repositories()
 RETURNS TABLE(project_id uuid, workspace_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  select r.project_id, r.workspace_id from repository r order by r.project_id
$function$;
CREATE OR REPLACE FUNCTION public.announce_access()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog'
AS $function$
declare
  was jsonb := to_jsonb(old);
begin
  perform pg_notify('skein_access', jsonb_strip_nulls(jsonb_build_object(
    'is', tg_argv[0], 'id', was ->> tg_argv[1], 'user', case tg_argv[0] when 'member' then was ->> 'user_id' end))::text);
  return null;
end $function$;
CREATE OR REPLACE FUNCTION public.dirty_projects(at_most integer)
 RETURNS TABLE(project_id uuid, workspace_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  select p.id, p.workspace_id
  from dirty_file d
  join project p on p.id = d.project_id and p.state = 'ready' and p.deleted_at is null
  where not exists (select from pull l where l.project_id = p.id and l.state = 'applying')
  group by p.id
  order by min(d.since)
  limit at_most
$function$;
CREATE OR REPLACE FUNCTION public.due_repositories(generations integer, grace interval, rest interval, at_most integer)
 RETURNS TABLE(project_id uuid, workspace_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  select r.project_id, r.workspace_id from repository r
  where (r.packing_until is null or r.packing_until < now())
    and (r.gen - r.repacked_gen >= generations
      or (r.collected_at < now() - rest and r.gen > r.repacked_gen)
      or exists (select from pack k where k.project_id = r.project_id and k.dead_at < now() - grace))
  order by r.gen - r.repacked_gen desc
  limit at_most
$function$;
CREATE OR REPLACE FUNCTION public.find_document(document uuid, member text)
 RETURNS TABLE(document_id uuid, file_id uuid, project_id uuid, workspace_id uuid, epoch integer, role text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  select d.id, d.file_id, d.project_id, d.workspace_id, d.epoch, m.role
  from document d
  join project p on p.id = d.project_id and p.deleted_at is null
  join workspace w on w.id = d.workspace_id and w.deleted_at is null
  join workspace_member m on m.workspace_id = w.id and m.user_id = member
  where d.id = document
$function$;
CREATE OR REPLACE FUNCTION public.find_invitation(hash bytea)
 RETURNS TABLE(invitation_id uuid, workspace_id uuid, workspace_name text, role text, project_id uuid, project_name text, created_by text, expires_at timestamp with time zone, uses integer, uses_max integer, revoked_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  select i.id, i.workspace_id, w.name, i.role, p.id, p.name, i.created_by, i.expires_at, i.uses, i.uses_max, i.revoked_at
  from invitation i
  join workspace w on w.id = i.workspace_id and w.deleted_at is null
  left join project p on p.id = i.project_id and p.deleted_at is null
  where i.token_hash = hash
$function$;
CREATE OR REPLACE FUNCTION public.find_project(reference text, member text)
 RETURNS TABLE(project_id uuid, workspace_id uuid, role text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  select p.id, p.workspace_id, m.role
  from project p
  join workspace w on w.id = p.workspace_id and w.deleted_at is null
  join workspace_member m on m.workspace_id = w.id and m.user_id = member
  where p.deleted_at is null
    and (p.id::text = reference or w.slug || '/' || p.slug = reference)
$function$;
CREATE OR REPLACE FUNCTION public.left_pulls(at_most integer)
 RETURNS TABLE(project_id uuid, workspace_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  select l.project_id, l.workspace_id
  from pull l
  join project p on p.id = l.project_id and p.deleted_at is null
  join repository r on r.project_id = l.project_id and (r.leased_until is null or r.leased_until < now())
  where l.state = 'applying' and (l.operation is null or l.created_at < now() - interval '1 minute')
  order by l.created_at
  limit at_most
$function$;
CREATE OR REPLACE FUNCTION public.linked_projects(repository bigint, installation bigint)
 RETURNS TABLE(project_id uuid, workspace_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  select l.project_id, l.workspace_id
  from github_link l
  join project p on p.id = l.project_id and p.deleted_at is null
  where (repository is not null and l.repository_id = repository)
     or (repository is null and l.installation_id = installation)
  order by l.project_id
$function$;
CREATE OR REPLACE FUNCTION public.links_standing(standing text, after uuid, at_most integer)
 RETURNS TABLE(project_id uuid, workspace_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  select l.project_id, l.workspace_id
  from github_link l
  join project p on p.id = l.project_id and p.deleted_at is null
  where (after is null or l.project_id > after)
    and (standing = 'all'
      or (standing = 'held' and l.state = 'held')
      or (standing = 'failed' and exists (select from outbox o where o.project_id = l.project_id and o.error_code is not null)))
  order by l.project_id
  limit at_most
$function$;
CREATE OR REPLACE FUNCTION public.operations_of_instance(wanted text, before uuid, at_most integer)
 RETURNS TABLE(operation sync_operation, project_id uuid, project_slug text, project_name text, workspace_slug text, workspace_name text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  select o, p.id, p.slug, p.name, w.slug, w.name
  from sync_operation o
  join project p on p.id = o.project_id and p.deleted_at is null
  join workspace w on w.id = o.workspace_id and w.deleted_at is null
  where (wanted is null or o.state = wanted) and (before is null or o.id < before)
  order by o.id desc
  limit at_most
$function$;
CREATE OR REPLACE FUNCTION public.project_of_operation(wanted uuid)
 RETURNS TABLE(project_id uuid, workspace_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  select o.project_id, o.workspace_id
  from sync_operation o join project p on p.id = o.project_id and p.deleted_at is null
  where o.id = wanted
$function$;
CREATE OR REPLACE FUNCTION public.roles_in(members text[], projects uuid[])
 RETURNS TABLE(project_id uuid, user_id text, workspace_id uuid, role text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  select p.id, m.user_id, w.id, m.role
  from (select distinct * from unnest(members, projects) as asked (member, project)) asked
  join project p on p.id = asked.project and p.deleted_at is null
  join workspace w on w.id = p.workspace_id and w.deleted_at is null
  join workspace_member m on m.workspace_id = w.id and m.user_id = asked.member
$function$;
CREATE OR REPLACE FUNCTION public.sweep_sync(at_most integer)
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  with kept as materialized (
    select p.id as project_id, (select o.id from sync_operation o where o.project_id = p.id order by o.id desc offset 199 limit 1) as oldest
    from project p),
  operations as (
    delete from sync_operation where id in (
      select o.id from kept join sync_operation o on o.project_id = kept.project_id and o.id < kept.oldest
      where o.started_at < now() - interval '90 days' and o.state <> 'running' limit at_most)
    returning 1),
  conflicts as (
    delete from conflict where id in (
      select id from conflict where state <> 'open' and resolved_at < now() - interval '90 days' limit at_most)
    returning 1),
  findings as (
    delete from secret_finding where id in (
      select id from secret_finding where state = 'gone' and created_at < now() - interval '90 days' limit at_most)
    returning 1),
  pulls as (
    delete from pull where id in (
      select id from pull where state <> 'applying' and finished_at < now() - interval '90 days'
        and not exists (select from conflict c where c.pull_id = pull.id and c.state = 'open')
        and not exists (select from snapshot s where s.pull_id = pull.id and s.state = 'open') limit at_most)
    returning 1)
  select ((select count(*) from operations) + (select count(*) from conflicts) + (select count(*) from findings) + (select count(*) from pulls))::integer
$function$;
CREATE OR REPLACE FUNCTION public.workspaces_of(member text)
 RETURNS TABLE(workspace_id uuid, slug text, name text, role text, personal boolean, created_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
  select w.id, w.slug, w.name, m.role, w.personal_of is not null, w.created_at
  from workspace_member m join workspace w on w.id = m.workspace_id
  where m.user_id = member and w.deleted_at is null
  order by w.created_at
$function$;

-- triggers

CREATE TRIGGER access_token AFTER UPDATE OF revoked_at, expires_at, scopes, bound_workspace ON public.api_token FOR EACH ROW WHEN (((((old.revoked_at IS DISTINCT FROM new.revoked_at) OR (old.expires_at IS DISTINCT FROM new.expires_at)) OR (old.scopes IS DISTINCT FROM new.scopes)) OR (old.bound_workspace IS DISTINCT FROM new.bound_workspace))) EXECUTE FUNCTION announce_access('token', 'id');
CREATE TRIGGER access_token_gone AFTER DELETE ON public.api_token FOR EACH ROW EXECUTE FUNCTION announce_access('token', 'id');
CREATE TRIGGER access_person AFTER DELETE ON auth."user" FOR EACH ROW EXECUTE FUNCTION announce_access('person', 'id');
CREATE TRIGGER access_session AFTER DELETE ON auth.session FOR EACH ROW EXECUTE FUNCTION announce_access('session', 'id');
CREATE TRIGGER access_project AFTER UPDATE OF deleted_at ON public.project FOR EACH ROW WHEN ((old.deleted_at IS DISTINCT FROM new.deleted_at)) EXECUTE FUNCTION announce_access('project', 'id');
CREATE TRIGGER access_project_gone AFTER DELETE ON public.project FOR EACH ROW EXECUTE FUNCTION announce_access('project', 'id');
CREATE TRIGGER access_workspace AFTER UPDATE OF deleted_at ON public.workspace FOR EACH ROW WHEN ((old.deleted_at IS DISTINCT FROM new.deleted_at)) EXECUTE FUNCTION announce_access('workspace', 'id');
CREATE TRIGGER access_workspace_gone AFTER DELETE ON public.workspace FOR EACH ROW EXECUTE FUNCTION announce_access('workspace', 'id');
CREATE TRIGGER access_member AFTER DELETE ON public.workspace_member FOR EACH ROW EXECUTE FUNCTION announce_access('member', 'workspace_id');
CREATE TRIGGER access_role AFTER UPDATE OF role ON public.workspace_member FOR EACH ROW WHEN ((old.role IS DISTINCT FROM new.role)) EXECUTE FUNCTION announce_access('member', 'workspace_id');

-- row-level security

alter table blob enable row level security, force row level security;
alter table commit_map enable row level security, force row level security;
alter table conflict enable row level security, force row level security;
alter table document enable row level security, force row level security;
alter table document_client enable row level security, force row level security;
alter table document_keyframe enable row level security, force row level security;
alter table document_quarantine enable row level security, force row level security;
alter table document_segment enable row level security, force row level security;
alter table document_state enable row level security, force row level security;
alter table document_update enable row level security, force row level security;
alter table event enable row level security, force row level security;
alter table file enable row level security, force row level security;
alter table former_github_link enable row level security, force row level security;
alter table git_commit enable row level security, force row level security;
alter table github_link enable row level security, force row level security;
alter table idempotency_key enable row level security, force row level security;
alter table invitation enable row level security, force row level security;
alter table pack enable row level security, force row level security;
alter table pack_chunk enable row level security, force row level security;
alter table project enable row level security, force row level security;
alter table project_colour enable row level security, force row level security;
alter table pull enable row level security, force row level security;
alter table pull_file enable row level security, force row level security;
alter table ref enable row level security, force row level security;
alter table reflog enable row level security, force row level security;
alter table repository enable row level security, force row level security;
alter table secret_finding enable row level security, force row level security;
alter table snapshot enable row level security, force row level security;
alter table suggestion enable row level security, force row level security;
alter table sync_operation enable row level security, force row level security;
alter table workspace enable row level security, force row level security;
alter table workspace_member enable row level security, force row level security;

-- policies

create policy owner on public.blob as permissive for select to skein_owner using (true);
create policy tenant on public.blob as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.commit_map as permissive for select to skein_owner using (true);
create policy tenant on public.commit_map as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.conflict as permissive for select to skein_owner using (true);
create policy sweep on public.conflict as permissive for delete to skein_owner using (true);
create policy tenant on public.conflict as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy log on public.document as permissive for all to skein_log using (true) with check (true);
create policy owner on public.document as permissive for select to skein_owner using (true);
create policy tenant on public.document as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy log on public.document_client as permissive for all to skein_log using (true) with check (true);
create policy owner on public.document_client as permissive for select to skein_owner using (true);
create policy tenant on public.document_client as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy log on public.document_keyframe as permissive for all to skein_log using (true) with check (true);
create policy owner on public.document_keyframe as permissive for select to skein_owner using (true);
create policy tenant on public.document_keyframe as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy log on public.document_quarantine as permissive for all to skein_log using (true) with check (true);
create policy owner on public.document_quarantine as permissive for select to skein_owner using (true);
create policy tenant on public.document_quarantine as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy log on public.document_segment as permissive for all to skein_log using (true) with check (true);
create policy owner on public.document_segment as permissive for select to skein_owner using (true);
create policy tenant on public.document_segment as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy log on public.document_state as permissive for all to skein_log using (true) with check (true);
create policy owner on public.document_state as permissive for select to skein_owner using (true);
create policy tenant on public.document_state as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy log on public.document_update as permissive for all to skein_log using (true) with check (true);
create policy owner on public.document_update as permissive for select to skein_owner using (true);
create policy tenant on public.document_update as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.event as permissive for select to skein_owner using (true);
create policy tenant on public.event as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.file as permissive for select to skein_owner using (true);
create policy tenant on public.file as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.former_github_link as permissive for select to skein_owner using (true);
create policy tenant on public.former_github_link as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.git_commit as permissive for select to skein_owner using (true);
create policy tenant on public.git_commit as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.github_link as permissive for select to skein_owner using (true);
create policy tenant on public.github_link as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.idempotency_key as permissive for select to skein_owner using (true);
create policy tenant on public.idempotency_key as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.invitation as permissive for select to skein_owner using (true);
create policy tenant on public.invitation as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.pack as permissive for select to skein_owner using (true);
create policy tenant on public.pack as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.pack_chunk as permissive for select to skein_owner using (true);
create policy tenant on public.pack_chunk as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.project as permissive for select to skein_owner using (true);
create policy tenant on public.project as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.project_colour as permissive for select to skein_owner using (true);
create policy tenant on public.project_colour as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.pull as permissive for select to skein_owner using (true);
create policy sweep on public.pull as permissive for delete to skein_owner using (true);
create policy tenant on public.pull as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.pull_file as permissive for select to skein_owner using (true);
create policy tenant on public.pull_file as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.ref as permissive for select to skein_owner using (true);
create policy tenant on public.ref as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.reflog as permissive for select to skein_owner using (true);
create policy tenant on public.reflog as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.repository as permissive for select to skein_owner using (true);
create policy tenant on public.repository as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.secret_finding as permissive for select to skein_owner using (true);
create policy sweep on public.secret_finding as permissive for delete to skein_owner using (true);
create policy tenant on public.secret_finding as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.snapshot as permissive for select to skein_owner using (true);
create policy tenant on public.snapshot as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.suggestion as permissive for select to skein_owner using (true);
create policy tenant on public.suggestion as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.sync_operation as permissive for select to skein_owner using (true);
create policy sweep on public.sync_operation as permissive for delete to skein_owner using (true);
create policy tenant on public.sync_operation as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.workspace as permissive for select to skein_owner using (true);
create policy tenant on public.workspace as permissive for all to skein_app using ((id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));
create policy owner on public.workspace_member as permissive for select to skein_owner using (true);
create policy tenant on public.workspace_member as permissive for all to skein_app using ((workspace_id = ( SELECT (NULLIF(current_setting('skein.workspace'::text, true), ''::text))::uuid AS "nullif")));

-- rights on tables

grant delete, insert, select, update on api_token to skein_app;
grant delete, insert, select, update on auth."user" to skein_app;
grant delete, insert, select, update on auth.account to skein_app;
grant delete, insert, select, update on auth.session to skein_app;
grant delete, insert, select, update on auth.verification to skein_app;
grant delete, insert, select, update on blob to skein_app;
grant delete, insert, select, update on collab_ticket to skein_app;
grant delete, insert, select, update on commit_map to skein_app;
grant delete, insert, select, update on conflict to skein_app;
grant delete, insert, select, update on delivery to skein_app;
grant delete, insert, select, update on delivery_rejection to skein_app;
grant delete, insert, select, update on dirty_file to skein_app;
grant insert, select on dirty_file to skein_log;
grant delete, insert, select, update on document to skein_app;
grant select on document to skein_log;
grant delete, insert, select, update on document_client to skein_app;
grant insert, select, update on document_client to skein_log;
grant select on document_keyframe to skein_app;
grant delete, insert, select, update on document_keyframe to skein_log;
grant select on document_quarantine to skein_app;
grant delete, insert, select, update on document_quarantine to skein_log;
grant select on document_segment to skein_app;
grant delete, insert, select, update on document_segment to skein_log;
grant delete, insert, select, update on document_state to skein_app;
grant insert, select, update on document_state to skein_log;
grant select on document_update to skein_app;
grant delete, insert, select on document_update to skein_log;
grant delete, insert, select, update on event to skein_app;
grant delete, insert, select, update on file to skein_app;
grant delete, insert, select, update on former_github_link to skein_app;
grant delete, insert, select, update on git_commit to skein_app;
grant delete, insert, select, update on github_app to skein_app;
grant delete, insert, select, update on github_installation to skein_app;
grant delete, insert, select, update on github_link to skein_app;
grant delete, insert, select, update on github_state to skein_app;
grant delete, insert, select, update on idempotency_key to skein_app;
grant delete, insert, select, update on instance_setting to skein_app;
grant delete, insert, select, update on invitation to skein_app;
grant delete, insert, select, update on job to skein_app;
grant delete, insert, select, update on outbox to skein_app;
grant delete, insert, select, update on pack to skein_app;
grant delete, insert, select, update on pack_chunk to skein_app;
grant delete, insert, select, update on project to skein_app;
grant delete, insert, select, update on project_colour to skein_app;
grant delete, insert, select, update on pull to skein_app;
grant delete, insert, select, update on pull_file to skein_app;
grant delete, insert, select, update on ref to skein_app;
grant delete, insert, select, update on reflog to skein_app;
grant delete, insert, select, update on repository to skein_app;
grant delete, insert, select, update on request_limit to skein_app;
grant delete, insert, select, update on secret_finding to skein_app;
grant delete, insert, select, update on snapshot to skein_app;
grant delete, insert, select, update on suggestion to skein_app;
grant delete, insert, select, update on sync_operation to skein_app;
grant delete, insert, select, update on workspace to skein_app;
grant delete, insert, select, update on workspace_member to skein_app;

-- rights on columns

grant update (epoch) on document to skein_log;
grant update (head) on document to skein_log;
grant update (log_bytes) on document to skein_log;
grant update (repairs) on document to skein_log;
grant update (updated_at) on document to skein_log;
grant update (checksum) on document_update to skein_log;
grant update (payload) on document_update to skein_log;

-- rights on functions

grant execute on function all_repositories() to skein_app;
grant execute on function dirty_projects(integer) to skein_app;
grant execute on function due_repositories(integer,interval,interval,integer) to skein_app;
grant execute on function find_document(uuid,text) to skein_app;
grant execute on function find_invitation(bytea) to skein_app;
grant execute on function find_project(text,text) to skein_app;
grant execute on function left_pulls(integer) to skein_app;
grant execute on function linked_projects(bigint,bigint) to skein_app;
grant execute on function links_standing(text,uuid,integer) to skein_app;
grant execute on function operations_of_instance(text,uuid,integer) to skein_app;
grant execute on function project_of_operation(uuid) to skein_app;
grant execute on function roles_in(text[],uuid[]) to skein_app;
grant execute on function sweep_sync(integer) to skein_app;
grant execute on function workspaces_of(text) to skein_app;
