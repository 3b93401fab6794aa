-- Blobs that no file row names any more (a commit holds their content, or the file is gone for good) are swept; this finds whether one does.
create index file_blob on file (workspace_id, blob_sha256) where blob_sha256 is not null;
create index blob_age on blob (workspace_id, created_at);
