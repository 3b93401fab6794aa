-- The sync loop. The row of the outbox stands as long as the link does: when nothing is due it says when to look next (`check_reason` 'poll', no
-- target), so that the worker, who sees no tenant's tables, needs no other clock.

alter table outbox
  add is_deep boolean not null default false,   -- somebody said that more than a branch has changed: GitHub's API is asked too
  add not_before timestamptz,                   -- GitHub's own word: no hint pulls the next try before it
  add since timestamptz not null default now(); -- since when the row is due, or idle

alter table github_link
  drop column poll_at,                          -- with its index: see above
  add default_branch text,                      -- GitHub's, as it was seen last; the link follows its new name while `branch` is the same
  add api_checked_at timestamptz,               -- when GitHub's API was asked last
  add held_lifts text not null default 'itself' check (held_lifts in ('itself', 'person')),  -- whose doing ends a hold
  add held_oid text,                            -- what was looked at when it was held: the same is not tried again
  add refusal jsonb,                            -- the push that GitHub refused: {branch, rule, head, reason}, until one passes or somebody tries again
  add settled_oid text,                         -- our head when a look found nothing left to do
  add is_archived boolean not null default false,
  add pr_base_branch text,
  add pr_merge_oid text,                        -- what GitHub made of it on the linked branch
  add pr_last_oid text,                         -- the head of the pull request, as GitHub's API said
  add pr_seen_with text,                        -- where the linked branch stood when it was asked about
  add pr_described_oid text,                    -- our head that its title and body were written for
  add pr_text_hash text,                        -- of the title and body that GitHub has
  add pr_text_at timestamptz;

insert into outbox (project_id, owner_workspace, check_reason)
  select project_id, workspace_id, 'start' from github_link on conflict (project_id) do nothing;

-- What a link knew when it was taken away, so that linking the same repository again takes up where it was.
create table former_github_link (
  project_id uuid primary key,
  workspace_id uuid not null,
  link jsonb not null,
  unlinked_at timestamptz not null default now(),
  foreign key (project_id, workspace_id) references project (id, workspace_id) on delete cascade
);

alter table former_github_link enable row level security, force row level security;
create policy tenant on former_github_link to skein_app
  using (workspace_id = (select nullif(current_setting('skein.workspace', true), '')::uuid));
create policy owner on former_github_link for select to skein_owner using (true);
grant select, insert, update, delete on former_github_link to skein_app;
