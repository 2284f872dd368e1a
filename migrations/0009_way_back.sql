-- Ways back for what was set aside, the contents that retention looks for, and what is
-- known of people whose number changed.

-- What still has contents, by age: where retention begins. Neither column changes while
-- a message is under way, so all it pays for this is one entry at the end of an index.
create index inbox_contents on inbox (received_at) where payload is not null;
create index outbox_contents on outbox (created_at) where payload is not null;

-- What an operator looks for.
create index jobs_dead on jobs (finished_at) where state = 'dead';
create index outbox_failed on outbox (failed_at) where state = 'failed';

-- The row that an operator had sent in its place. A row is never sent twice itself: its
-- statuses would tell of either.
alter table outbox add column again_as text;

-- Since when it is doubtful that this is still the same person: their number changed.
-- While it stands, nothing that was bound to the old number is shown. Null: no doubt.
alter table contacts add column unverified_since bigint;
