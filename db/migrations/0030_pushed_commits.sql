-- Commits that a Git push brought to Skein are work of people here: a force-push at the linked repository must not take them away as its own.
alter table git_commit drop constraint git_commit_kind_check;
alter table git_commit add constraint git_commit_kind_check check (kind in ('snapshot', 'remote', 'pushed', 'restore', 'release'));
