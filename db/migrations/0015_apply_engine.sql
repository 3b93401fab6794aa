-- What the apply engine leaves to people, and what keeps a repeated request from being made twice.

-- A hunk that a writer wanted and that somebody's typing stood against: the text stayed as it was, and a person decides. The anchors are relative
-- positions of Yjs around the place, so that they go with the text. In the texts a NUL, which PostgreSQL cannot keep, stands as U+2400.
create table suggestion (
  id uuid primary key default uuidv7(),
  workspace_id uuid not null,
  project_id uuid not null,
  document_id uuid not null references document on delete cascade,
  run text not null,                -- the piece of work that wanted it
  call text not null,               -- the write within it
  n integer not null,               -- number of the hunk within that
  author text not null,
  reason text not null check (reason in ('changed', 'beside', 'typing')),
  revision text not null,           -- of the text that the author had read
  anchor_start bytea not null,
  anchor_end bytea not null,
  base_text text not null,          -- what the author had read there
  present_text text not null,       -- what stood there when the suggestion was made
  new_text text not null,
  state text not null default 'open' check (state in ('open', 'accepted', 'rejected')),
  created_at timestamptz not null default now(),
  foreign key (project_id, workspace_id) references project (id, workspace_id) on delete cascade,
  unique (document_id, call, n)
);
create index suggestion_open on suggestion (project_id, id) where state = 'open';
create index suggestion_of_document on suggestion (document_id) where state = 'open';

-- Requests that carry an Idempotency-Key, kept for a day. The row is claimed before anything is written, and the run that it names stands in
-- the log beside every edit: whoever takes over after a crash finds there what was done.
create table idempotency_key (
  workspace_id uuid not null references workspace on delete cascade,
  user_id text not null,
  route text not null,
  key text not null,
  request_hash bytea not null,
  run uuid not null,
  attempts integer not null default 1,
  claimed_until timestamptz not null,
  status integer,                   -- null: not answered yet
  answer jsonb,
  created_at timestamptz not null default now(),
  primary key (workspace_id, user_id, route, key)
);
create index idempotency_key_age on idempotency_key (workspace_id, created_at);
create unique index idempotency_key_run on idempotency_key (run);

do $$
declare
  t text;
begin
  foreach t in array array['suggestion', 'idempotency_key'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format(
      'create policy tenant on %I to skein_app using (workspace_id = (select nullif(current_setting(''skein.workspace'', true), '''')::uuid))', t);
  end loop;
end $$;
grant select, insert, update, delete on suggestion, idempotency_key to skein_app;
