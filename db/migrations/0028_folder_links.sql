-- Links to a folder of a repository: GitHub's commits and ours are different objects. A row says which commit of ours a remote one is; it is a
-- fact about both oids, true whether GitHub has the remote one or not, and is never changed.
create table commit_map (
  project_id uuid not null,
  workspace_id uuid not null,
  directory text not null,                      -- the folder; another one makes other commits of the same remote ones
  remote_oid text not null,
  local_oid text not null,
  is_own boolean not null,                      -- we made the remote one of ours, and not the other way round
  n bigint generated always as identity,        -- the order in which they came
  primary key (project_id, directory, remote_oid),
  foreign key (project_id, workspace_id) references project (id, workspace_id) on delete cascade
);
create index commit_map_local on commit_map (project_id, directory, local_oid, n);

alter table commit_map enable row level security, force row level security;
create policy tenant on commit_map to skein_app using (workspace_id = (select nullif(current_setting('skein.workspace', true), '')::uuid));
create policy owner on commit_map for select to skein_owner using (true);
grant select, insert, update, delete on commit_map to skein_app;
