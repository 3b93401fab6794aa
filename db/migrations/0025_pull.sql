-- A pull's commit names its parents, and what a pull has done of its files is known one by one, so that it can be gone on with after a kill.
alter table snapshot
  add parents text[],                           -- null: the base alone
  add pull_id uuid references pull on delete set null; -- the commit that ends this pull

create table pull_file (
  pull_id uuid not null references pull on delete cascade,
  workspace_id uuid not null,
  path bytea not null,                          -- as it is named in theirs; in the base, where theirs does not have it
  primary key (pull_id, path)
);
alter table pull_file enable row level security, force row level security;
create policy tenant on pull_file to skein_app using (workspace_id = (select nullif(current_setting('skein.workspace', true), '')::uuid));
create policy owner on pull_file for select to skein_owner using (true);
grant select, insert, update, delete on pull_file to skein_app;

-- While a pull is being applied, no commit is due: it would hold half of it.
create or replace function dirty_projects(at_most integer)
returns table (project_id uuid, workspace_id uuid)
language sql stable security definer set search_path = public as $$
  select p.id, p.workspace_id
  from dirty_file d
  join project p on p.id = d.project_id and p.state = 'ready' and p.deleted_at is null
  where not exists (select from pull l where l.project_id = p.id and l.state = 'applying')
  group by p.id
  order by min(d.since)
  limit at_most
$$;
