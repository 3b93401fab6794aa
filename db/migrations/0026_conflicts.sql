-- Conflicts are looked up by their text and by their pull, and decided by one person at a time: the live text is written outside of a transaction.
alter table conflict
  add deciding_by text,
  add deciding_until timestamptz,
  add putting jsonb;                            -- a version on its way into the text, so that it is not put there twice after a kill
create index conflict_document on conflict (document_id) where state = 'open';
create index conflict_pull on conflict (pull_id);
create index conflict_resolved on conflict (project_id, id) where state = 'resolved';
