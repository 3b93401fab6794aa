-- What the worker may commit, across workspaces: projects in the trash keep what they have not committed, so that they can come back, and must
-- take no place in a list that has an end.
create function dirty_projects(at_most integer)
returns table (project_id uuid, workspace_id uuid)
language sql stable security definer set search_path = public as $$
  select p.id, p.workspace_id
  from dirty_file d
  join project p on p.id = d.project_id and p.state = 'ready' and p.deleted_at is null
  group by p.id
  order by min(d.since)
  limit at_most
$$;
revoke all on function dirty_projects from public;
grant execute on function dirty_projects to skein_app;
