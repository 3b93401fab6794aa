-- A repair may empty rows that nodes have in memory: what was read when the document had been repaired less often is more than its rows hold.
alter table document add repairs integer not null default 0;
grant update (repairs) on document to skein_log;
