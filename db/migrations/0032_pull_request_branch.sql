-- Our branch may be another one by now than the one that the pull request asks for, as after a force-push.
alter table github_link add pr_head_branch text;
update github_link set pr_head_branch = pr_branch where pr_number is not null;
