-- The GitHub App that was made from the admin page, how its installations come to workspaces, and what is needed to work on deliveries.

-- One row at most: an instance has one App. Secrets are sealed, each bound to its column and the App's id. Without row-level security: it belongs
-- to no workspace.
create table github_app (
  one boolean primary key default true check (one),
  app_id text not null,
  slug text not null,
  name text not null,
  html_url text not null,
  private_key text not null,
  webhook_secret text,
  client_id text not null,
  client_secret text not null,
  created_by text not null,
  created_at timestamptz not null default now()
);

-- Ways to GitHub and back: the browser carries a random text, of which only the hash is here. Each is good once, for the person who began, for
-- some minutes. Without row-level security: the way back knows no workspace until its row is found.
create table github_state (
  hash bytea primary key,
  kind text not null check (kind in ('manifest', 'install')),
  user_id text not null,
  for_workspace uuid references workspace on delete cascade,
  installation_id bigint,
  expires_at timestamptz not null
);
create index github_state_expiry on github_state (expires_at);

alter table github_installation
  add account_kind text check (account_kind in ('Organization', 'User')),
  add html_url text,                            -- where on GitHub its repositories are chosen
  add proven_by text;                           -- who has shown that it is theirs: it stays with the workspace also when nothing is linked
create index github_installation_owner on github_installation (owner_workspace);

alter table delivery
  -- Pages of them end at an instant that a program may hold, which has no microseconds.
  alter received_at set default date_trunc('milliseconds', now()),
  add next_at timestamptz not null default now(),
  add leased_until timestamptz,
  add error text;
drop index delivery_waiting;
create index delivery_waiting on delivery (next_at) where state = 'received';

-- Calls with a wrong signature, by the hour.
create table delivery_rejection (
  hour timestamptz primary key,
  count bigint not null
);

-- Across workspaces, for the worker and for the admin of the instance: ids, names and operations, never what is in a project.

-- Projects that a delivery concerns: of the repository, or of everything that the installation reaches.
create function linked_projects(repository bigint, installation bigint)
returns table (project_id uuid, workspace_id uuid)
language sql stable security definer set search_path = public as $$
  select l.project_id, l.workspace_id
  from github_link l
  join project p on p.id = l.project_id and p.deleted_at is null
  where (repository is not null and l.repository_id = repository)
     or (repository is null and l.installation_id = installation)
  order by l.project_id
$$;

-- Links by how they stand: 'held' by Skein, 'failed' (the last try did not succeed), or 'all'; page by page.
create function links_standing(standing text, after uuid, at_most integer)
returns table (project_id uuid, workspace_id uuid)
language sql stable security definer set search_path = public as $$
  select l.project_id, l.workspace_id
  from github_link l
  join project p on p.id = l.project_id and p.deleted_at is null
  where (after is null or l.project_id > after)
    and (standing = 'all'
      or (standing = 'held' and l.state = 'held')
      or (standing = 'failed' and exists (select from outbox o where o.project_id = l.project_id and o.error_code is not null)))
  order by l.project_id
  limit at_most
$$;

create function operations_of_instance(wanted text, before uuid, at_most integer)
returns table (operation sync_operation, project_id uuid, project_slug text, project_name text, workspace_slug text, workspace_name text)
language sql stable security definer set search_path = public as $$
  select o, p.id, p.slug, p.name, w.slug, w.name
  from sync_operation o
  join project p on p.id = o.project_id and p.deleted_at is null
  join workspace w on w.id = o.workspace_id and w.deleted_at is null
  where (wanted is null or o.state = wanted) and (before is null or o.id < before)
  order by o.id desc
  limit at_most
$$;

create function project_of_operation(wanted uuid)
returns table (project_id uuid, workspace_id uuid)
language sql stable security definer set search_path = public as $$
  select o.project_id, o.workspace_id
  from sync_operation o join project p on p.id = o.project_id and p.deleted_at is null
  where o.id = wanted
$$;
create index sync_operation_state on sync_operation (state, id);

revoke all on function linked_projects, links_standing, operations_of_instance, project_of_operation from public;
grant execute on function linked_projects, links_standing, operations_of_instance, project_of_operation to skein_app;
grant select, insert, update, delete on github_app, github_state, delivery_rejection to skein_app;
