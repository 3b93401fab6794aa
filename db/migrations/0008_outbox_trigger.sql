-- What asked for a push, for the record of sync operations.
alter table outbox add column trigger text not null default 'snapshot' check (trigger in ('snapshot', 'link', 'person'));
