-- Who works on a row of the outbox: a worker whose claim has gone touches nothing of what another one, or a new link, has made of the row. And how
-- often in a row a worker failed at it by a fault of our own.
alter table outbox
  add claim uuid,
  add faults integer not null default 0;

-- GitHub's API is not asked before, unless a person wants it: it said so, or did not answer. Git is not held by that.
alter table github_link add api_not_before timestamptz;

-- What is old of sync, over all workspaces, at most so many rows of each kind; returns how many rows went. Operations stay for 90 days, and the newest
-- 200 of each project for ever. Decisions about secrets stay: they hold for whatever is pushed next.
create policy sweep on sync_operation for delete to skein_owner using (true);
create policy sweep on conflict for delete to skein_owner using (true);
create policy sweep on secret_finding for delete to skein_owner using (true);
create policy sweep on pull for delete to skein_owner using (true);
create function sweep_sync(at_most integer)
returns integer
language sql volatile security definer set search_path = public as $$
  with kept as materialized (
    select p.id as project_id, (select o.id from sync_operation o where o.project_id = p.id order by o.id desc offset 199 limit 1) as oldest
    from project p),
  operations as (
    delete from sync_operation where id in (
      select o.id from kept join sync_operation o on o.project_id = kept.project_id and o.id < kept.oldest
      where o.started_at < now() - interval '90 days' and o.state <> 'running' limit at_most)
    returning 1),
  conflicts as (
    delete from conflict where id in (
      select id from conflict where state <> 'open' and resolved_at < now() - interval '90 days' limit at_most)
    returning 1),
  findings as (
    delete from secret_finding where id in (
      select id from secret_finding where state = 'gone' and created_at < now() - interval '90 days' limit at_most)
    returning 1),
  pulls as (
    delete from pull where id in (
      select id from pull where state <> 'applying' and finished_at < now() - interval '90 days'
        and not exists (select from conflict c where c.pull_id = pull.id and c.state = 'open')
        and not exists (select from snapshot s where s.pull_id = pull.id and s.state = 'open') limit at_most)
    returning 1)
  select ((select count(*) from operations) + (select count(*) from conflicts) + (select count(*) from findings) + (select count(*) from pulls))::integer
$$;
revoke all on function sweep_sync from public;
grant execute on function sweep_sync to skein_app;
