-- A long document is opened from bytes that can be sent as they are: what an empty client gets, made when the state was. They are used only
-- while they belong to that state and nothing was appended since.
alter table document_state
  add opening bytea,                            -- packages/document/src/opening.ts; null: the state is short, or Yjs waits for more
  add opening_checksum bigint,                  -- CRC-32C of it
  add opening_of bigint;                        -- `checksum` of the state that it belongs to
alter table document_state alter opening set storage external;
