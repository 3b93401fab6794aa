-- A row that names a project names its workspace too, and both must belong together. Row-level security looks at the workspace alone and foreign
-- keys pass by it, so without this a row labelled with one tenant could stand in a project of another and, say, hold its paths.

alter table project add constraint project_whole unique (id, workspace_id);
alter table repository add constraint repository_whole unique (project_id, workspace_id);

do $$
declare
  t text;
begin
  foreach t in array array['file', 'event', 'project_colour', 'document', 'repository', 'snapshot', 'github_link', 'sync_operation'] loop
    execute format(
      'alter table %1$I drop constraint %2$I, add constraint %2$I foreign key (project_id, workspace_id)
         references project (id, workspace_id) on delete cascade', t, t || '_project_id_fkey');
  end loop;
  foreach t in array array['ref', 'reflog', 'pack', 'pack_chunk', 'git_commit'] loop
    execute format(
      'alter table %1$I drop constraint %2$I, add constraint %2$I foreign key (project_id, workspace_id)
         references repository (project_id, workspace_id) on delete cascade', t, t || '_project_id_fkey');
  end loop;
end $$;
