-- By whom: so that joining two contacts and erasing one read what is theirs, and not whole
-- tables. Messages are found by the names they were written under.
create index letters_contact on letters (contact_id);
create index documents_contact on documents (contact_id);
create index assistant_spend_contact on assistant_spend (contact_id);
create index handoffs_contact on handoffs (contact_id);
-- those from before names were kept with them
create index inbox_unnamed on inbox (contact_id)
    where name is null and payload is not null and contact_id is not null;
-- What Meta's word on the account holds.
create index outbox_held on outbox (reason)
    where state = 'queued' and reason in ('account_stopped', 'daily_limit');
-- Jobs of one kind never stand in the way of another's.
create index jobs_kind_due on jobs (kind, run_at) where state = 'waiting';
