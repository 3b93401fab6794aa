-- Compaction: the rows of a log are folded into the state beside it and move, packed, into the history, so that a document opens from one value
-- and its log stays short, while any moment of it can still be read. What cannot be read any more is set aside and kept.

alter table document add constraint document_whole unique (id, workspace_id);

-- Bytes of all payloads that were ever appended: with `upto_bytes` it says how long the tail is, in the row that an append writes anyway.
alter table document add log_bytes bigint not null default 0;

-- CRC-32C of the payload as it was appended; null for rows from before there was one.
alter table document_update add checksum bigint;

alter table document_state
  add checksum bigint,                          -- CRC-32C of the state
  add upto_bytes bigint not null default 0,     -- `log_bytes` of the document at upto_seq
  add compact_from timestamptz;                 -- somebody compacts it, or has failed to: not again before

-- The rows of a log after they were compacted, up to 1,000 updates each; the newest one grows until it is full.
create table document_segment (
  document_id uuid not null,
  first_seq bigint not null,
  last_seq bigint not null,
  workspace_id uuid not null,
  epoch integer not null,
  updates integer not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  data bytea not null,                          -- zstd with a checksum; packages/document/src/history-segment.ts
  primary key (document_id, first_seq),
  foreign key (document_id, workspace_id) references document (id, workspace_id) on delete cascade
);

-- States to begin from: the first of each epoch, then one every 10,000 updates.
create table document_keyframe (
  document_id uuid not null,
  seq bigint not null,
  workspace_id uuid not null,
  epoch integer not null,
  at timestamptz not null default now(),
  state bytea not null,                         -- V2, holds rows up to seq
  checksum bigint not null,
  primary key (document_id, seq),
  foreign key (document_id, workspace_id) references document (id, workspace_id) on delete cascade
);

-- What could not be read any more, as it was found. An empty row or segment stands in its place, so that numbers stay without gaps.
create table document_quarantine (
  id uuid primary key default uuidv7(),
  document_id uuid not null,
  workspace_id uuid not null,
  kind text not null check (kind in ('update', 'state', 'segment', 'keyframe', 'text')),
  seq bigint not null,                          -- its row, or the last one that it holds
  bytes bytea not null,
  reason text not null,
  at timestamptz not null default now(),
  foreign key (document_id, workspace_id) references document (id, workspace_id) on delete cascade
);
create index document_quarantine_document on document_quarantine (document_id);

-- Packed already: PostgreSQL need not try.
alter table document_segment alter data set storage external;

do $$
declare
  t text;
begin
  foreach t in array array['document_segment', 'document_keyframe', 'document_quarantine'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format(
      'create policy tenant on %I to skein_app using (workspace_id = (select nullif(current_setting(''skein.workspace'', true), '''')::uuid))', t);
    execute format('create policy log on %I to skein_log using (true) with check (true)', t);
    execute format('grant select on %I to skein_app', t);
    execute format('grant select, insert, update, delete on %I to skein_log', t);
  end loop;
end $$;

grant update (epoch, log_bytes) on document to skein_log;
grant update (payload, checksum), delete on document_update to skein_log;
