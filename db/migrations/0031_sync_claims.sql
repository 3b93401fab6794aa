-- Who works on a row of the outbox: a worker whose claim has gone touches nothing of what another one, or a new link, has made of the row. And how
-- often in a row a worker failed at it by a fault of our own.
alter table outbox
  add claim uuid,
  add faults integer not null default 0;

-- GitHub's API is not asked before, unless a person wants it: it said so, or did not answer. Git is not held by that.
alter table github_link add api_not_before timestamptz;
