-- Pulls that nobody works on, across workspaces: those of a worker or server that died, of a link that was taken away or paused meanwhile.
create function left_pulls(at_most integer)
returns table (project_id uuid, workspace_id uuid)
language sql stable security definer set search_path = public as $$
  select l.project_id, l.workspace_id
  from pull l
  join project p on p.id = l.project_id and p.deleted_at is null
  join repository r on r.project_id = l.project_id and (r.leased_until is null or r.leased_until < now())
  where l.state = 'applying' and (l.operation is null or l.created_at < now() - interval '1 minute')
  order by l.created_at
  limit at_most
$$;
revoke all on function left_pulls from public;
grant execute on function left_pulls to skein_app;
