-- Possible secrets that keep a push back (SN9). The secret itself is nowhere but in the file: what is kept is a keyed hash, so that the same one in
-- another commit or on another line is known again, and a decision about it holds there too.
create table secret_finding (
  id uuid primary key default uuidv7(),
  workspace_id uuid not null,
  project_id uuid not null,
  commit_oid text not null,                     -- the first one that holds it
  blob_oid text not null,
  path text not null,
  line integer not null,
  rule text not null,
  message text not null,
  fingerprint bytea not null,
  state text not null default 'open' check (state in ('open', 'released', 'gone')),
  released_by text,
  released_at timestamptz,
  note text,
  created_at timestamptz not null default now(),
  foreign key (project_id, workspace_id) references project (id, workspace_id) on delete cascade,
  unique (project_id, path, fingerprint)
);
create index secret_finding_open on secret_finding (project_id) where state = 'open';
alter table secret_finding enable row level security, force row level security;
create policy tenant on secret_finding to skein_app using (workspace_id = (select nullif(current_setting('skein.workspace', true), '')::uuid));
create policy owner on secret_finding for select to skein_owner using (true);
grant select, insert, update, delete on secret_finding to skein_app;
