-- Find in project walks through the text files of a project in the order of their paths, a few hundred at a time.
create index file_text_order on file (project_id, (path collate "C")) where deleted_at is null and kind = 'text';
