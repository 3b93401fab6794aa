-- Two-way sync with GitHub: what a link remembers, what is due, pulls that are being applied, and overlaps that people decide.

alter table github_link
  add mode text not null default 'direct_commit' check (mode in ('direct_commit', 'protected_pr', 'hybrid')),
  add mode_reason text,                         -- why Skein itself changed the mode, in a sentence
  add overlap_policy text not null default 'ask' check (overlap_policy in ('ask', 'theirs', 'ours', 'branch')),
  add directory text not null default '',       -- folder of the repository that the project is; '' the whole of it
  add merged_oid text,                          -- the remote head that was merged last
  add paused_at timestamptz,
  add paused_by text,
  add checked_at timestamptz,                   -- when the remote was last seen
  add poll_at timestamptz not null default now(),
  add viewed_at timestamptz,                    -- when somebody last had the project open
  add rules jsonb,                              -- what GitHub says about its branch; advice only
  add pr_branch text,                           -- our rolling branch at GitHub
  add pr_number integer,
  add pr_url text,
  add pr_title text,
  add pr_state text check (pr_state in ('open', 'merged', 'closed')),
  add pr_base_oid text,                         -- the remote head that it stands on
  add pr_head_oid text;                         -- what GitHub confirmed on the rolling branch
-- Links from before pushed to the branch; new ones ask for a pull request.
alter table github_link alter mode set default 'protected_pr';
create index github_link_poll on github_link (poll_at) where state = 'active';

-- A row is due work on a project, in both directions; one worker has it at a time.
alter table outbox
  alter target drop not null,                   -- null: nothing to push, only to look
  alter ref drop not null,
  add check_reason text,                        -- null: nobody asked to look at the remote
  add delivery text,
  drop constraint outbox_trigger_check,         -- who asked is told in words: snapshot, link, person, webhook, poll …
  add version bigint not null default 1;        -- counts what was asked; a worker ends only what it has seen

alter table sync_operation
  add files integer,
  add insertions integer,
  add deletions integer,
  add conflicts integer,
  add delivery text,
  add pull_request integer,
  add branch text,
  add note text;                                -- one sentence for people, where the numbers do not say it
alter table sync_operation drop constraint if exists sync_operation_direction_check;
alter table sync_operation add constraint sync_operation_direction_check check (direction in ('push', 'pull', 'event'));

-- A pull that is being applied to the live documents. While it is, nobody makes snapshots of the project, so that no commit holds half of it;
-- whoever finds one whose worker died goes on with it, without the network: its objects are here.
create table pull (
  id uuid primary key default uuidv7(),
  project_id uuid not null,
  workspace_id uuid not null,
  operation uuid,
  kind text not null,
  base_oid text,                                -- the text base; null: nothing in common
  ours_oid text,                                -- our head when it began
  theirs_oid text not null,
  state text not null default 'applying' check (state in ('applying', 'done', 'abandoned')),
  attempts integer not null default 0,
  detail jsonb not null default '{}',
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  foreign key (project_id, workspace_id) references project (id, workspace_id) on delete cascade
);
create unique index pull_applying on pull (project_id) where state = 'applying';

-- What changed both here and there, for a person to decide. Lines have anchors (relative positions of Yjs) that go with the text; files have
-- what each side holds. In the texts a NUL stands as U+2400.
create table conflict (
  id uuid primary key default uuidv7(),
  workspace_id uuid not null,
  project_id uuid not null,
  pull_id uuid references pull on delete set null,
  file_id uuid references file on delete cascade,
  document_id uuid references document on delete cascade,
  kind text not null check (kind in ('lines', 'file')),
  what text not null,                           -- 'lines', or the case of the table in packages/git-sync/SPEC.md
  path text not null,
  line integer,
  context_before text not null default '',
  context_after text not null default '',
  base jsonb,                                   -- {text} for lines; {path, mode, oid, bytes} for files; null: not there
  ours jsonb,
  theirs jsonb,
  anchor_start bytea,
  anchor_end bytea,
  ours_by text[] not null default '{}',
  remote_oid text not null,
  remote_author text,
  remote_at timestamptz,
  state text not null default 'open' check (state in ('open', 'resolved')),
  choice text check (choice in ('ours', 'theirs', 'both', 'current')),
  resolved_by text,                             -- null beside 'resolved': a policy of the project
  resolved_at timestamptz,
  created_at timestamptz not null default now(),
  foreign key (project_id, workspace_id) references project (id, workspace_id) on delete cascade
);
create index conflict_open on conflict (project_id, id) where state = 'open';

-- Calls of GitHub: the id is the same when it is sent again, and only work that is done counts as done. Without row-level security: a delivery
-- concerns whoever is linked to the repository.
create table delivery (
  id text primary key,
  event text not null,
  action text,
  installation_id bigint,
  repository_id bigint,
  ref text,
  state text not null default 'received' check (state in ('received', 'done')),
  attempts integer not null default 1,
  received_at timestamptz not null default now(),
  done_at timestamptz
);
create index delivery_waiting on delivery (received_at) where state = 'received';
create index delivery_age on delivery (received_at);

alter table github_installation
  add account text,
  add permissions jsonb,
  add suspended_at timestamptz,
  add removed_at timestamptz,
  add quota_left integer,
  add quota_limit integer,
  add quota_resets_at timestamptz,
  add updated_at timestamptz not null default now();

do $$
declare
  t text;
begin
  foreach t in array array['pull', 'conflict'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format(
      'create policy tenant on %I to skein_app using (workspace_id = (select nullif(current_setting(''skein.workspace'', true), '''')::uuid))', t);
    execute format('create policy owner on %I for select to skein_owner using (true)', t);
  end loop;
end $$;
grant select, insert, update, delete on pull, conflict, delivery to skein_app;
