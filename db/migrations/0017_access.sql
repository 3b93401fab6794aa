-- Whoever takes a right away says so in the transaction that does it, whatever path it came by: a request, a command of the operator, a
-- cascade. Every process hears it on the channel `skein_access` when it is committed, and ends the sockets that it concerns.

create function announce_access() returns trigger
language plpgsql set search_path = pg_catalog as $$
declare
  was jsonb := to_jsonb(old);
begin
  perform pg_notify('skein_access', jsonb_strip_nulls(jsonb_build_object(
    'is', tg_argv[0], 'id', was ->> tg_argv[1], 'user', case tg_argv[0] when 'member' then was ->> 'user_id' end))::text);
  return null;
end $$;
revoke all on function announce_access from public;

create trigger access_role after update of role on workspace_member
  for each row when (old.role is distinct from new.role) execute function announce_access('member', 'workspace_id');
create trigger access_member after delete on workspace_member
  for each row execute function announce_access('member', 'workspace_id');

create trigger access_token after update of revoked_at, expires_at, scopes, bound_workspace on api_token
  for each row when ((old.revoked_at, old.expires_at, old.scopes, old.bound_workspace)
    is distinct from (new.revoked_at, new.expires_at, new.scopes, new.bound_workspace))
  execute function announce_access('token', 'id');
create trigger access_token_gone after delete on api_token
  for each row execute function announce_access('token', 'id');

create trigger access_session after delete on auth."session"
  for each row execute function announce_access('session', 'id');
create trigger access_person after delete on auth."user"
  for each row execute function announce_access('person', 'id');

create trigger access_project after update of deleted_at on project
  for each row when (old.deleted_at is distinct from new.deleted_at) execute function announce_access('project', 'id');
create trigger access_project_gone after delete on project
  for each row execute function announce_access('project', 'id');
create trigger access_workspace after update of deleted_at on workspace
  for each row when (old.deleted_at is distinct from new.deleted_at) execute function announce_access('workspace', 'id');
create trigger access_workspace_gone after delete on workspace
  for each row execute function announce_access('workspace', 'id');

-- A ticket is worth as much as the session or the API token it was asked for with, and goes with it.
alter table collab_ticket add column session_id text references auth."session" ("id") on delete cascade;
create index collab_ticket_session on collab_ticket (session_id) where session_id is not null;

-- What many people may do in many projects, each pair as it stands now; a pair without access is absent. For whoever has to look again at
-- everything that is connected.
create function roles_in(members text[], projects uuid[])
returns table (project_id uuid, user_id text, workspace_id uuid, role text)
language sql stable security definer set search_path = public as $$
  select p.id, m.user_id, w.id, m.role
  from (select distinct * from unnest(members, projects) as asked (member, project)) asked
  join project p on p.id = asked.project and p.deleted_at is null
  join workspace w on w.id = p.workspace_id and w.deleted_at is null
  join workspace_member m on m.workspace_id = w.id and m.user_id = asked.member
$$;
revoke all on function roles_in from public;
grant execute on function roles_in to skein_app;
