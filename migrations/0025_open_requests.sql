-- What a person is to do about a record, so that asking for it again names the request that
-- is open: one for each contact and task. Null for every other kind.
alter table contact_requests add column about text;
