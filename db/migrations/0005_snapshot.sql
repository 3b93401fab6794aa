-- What the snapshotter keeps beside the base schema.

-- Up to which update of its document a file is committed: authors of the next commit are counted from there.
alter table file add column committed_seq bigint not null default 0;

-- Who may take snapshots of a project now. The lease spares two workers the same work; `fence` grows with every claim, and a worker whose
-- number is below `max_fence` when it wants to publish has been overtaken. Neither is needed for correctness: the compare-and-set of the ref is.
alter table repository add column fence bigint not null default 0;
alter table repository add column leased_until timestamptz;

-- Packs are brought to disk caches in the order of the generation that made them visible.
create index pack_generation on pack (project_id, gen);
