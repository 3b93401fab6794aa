-- Finding what lies below a folder, and whether a folder of another spelling exists, without reading the whole tree. The operator class compares bytes,
-- so that a prefix is a range whatever the database's collation is.

create index file_folder on file (project_id, path_key text_pattern_ops) where deleted_at is null;
