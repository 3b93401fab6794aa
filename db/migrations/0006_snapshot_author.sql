-- The author's name as it stood at the cut: the same inputs must make the same commit, also when somebody changes their name in between.
alter table snapshot add column author_name text not null default 'Skein';
