-- Which workspace an installation of the GitHub App belongs to: the one that linked a repository of it first. Without this, anybody with a workspace
-- could push to any repository that the App may write. No row-level security (the question is about all workspaces): queries/github-link.ts only.

create table github_installation (
  installation_id bigint primary key,
  owner_workspace uuid not null references workspace on delete cascade,
  claimed_at timestamptz not null default now()
);
grant select, insert, delete, update on github_installation to skein_app;

create index github_link_repository on github_link (repository_id);
