-- Repacking: what is due is known from numbers in the repository's row, and looked for across workspaces.
alter table repository
  add repacked_gen bigint not null default 0,   -- generation at the last repacking; every generation since may have added a pack
  add collected_at timestamptz not null default now(), -- when all that nothing reaches was last left out
  add packing_until timestamptz;                -- somebody is repacking; only saves work, the swap is compare-and-set

create index pack_dead on pack (dead_at) where dead_at is not null;

create function due_repositories(generations integer, grace interval, rest interval, at_most integer)
returns table (project_id uuid, workspace_id uuid)
language sql stable security definer set search_path = public as $$
  select r.project_id, r.workspace_id from repository r
  where (r.packing_until is null or r.packing_until < now())
    and (r.gen - r.repacked_gen >= generations
      or (r.collected_at < now() - rest and r.gen > r.repacked_gen)
      or exists (select from pack k where k.project_id = r.project_id and k.dead_at < now() - grace))
  order by r.gen - r.repacked_gen desc
  limit at_most
$$;
revoke all on function due_repositories from public;
grant execute on function due_repositories to skein_app;

-- For checks of every project by an operator.
create function all_repositories()
returns table (project_id uuid, workspace_id uuid)
language sql stable security definer set search_path = public as $$
  select r.project_id, r.workspace_id from repository r order by r.project_id
$$;
revoke all on function all_repositories from public;
grant execute on function all_repositories to skein_app;
