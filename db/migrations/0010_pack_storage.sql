-- Packs and blobs are mostly compressed already, so that trying again only costs time.
alter table pack_chunk alter column data set storage external;
alter table blob alter column content set storage external;
