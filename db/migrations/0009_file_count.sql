-- How many files a project has, the trash not counted: the list of projects shows it and the limit is held by it, and counting rows would make both
-- as slow as the largest tree. Changed in the statements that add, delete and restore files, under the lock of the project's row.

alter table project add column file_count integer not null default 0;
