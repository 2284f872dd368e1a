-- A change of a record may be asked for, too, and an erasure is due only after a day in
-- which it can be called off. The check on `kind` takes a table of its own.
alter table contact_requests rename to contact_requests_before;

create table contact_requests (
    number     text   primary key,
    contact_id text   not null references contacts (id),
    kind       text   not null check (kind in ('complaint', 'export', 'erase', 'change')),
    opened_at  bigint not null,
    -- when a machine does it; null for what a person does
    due_at     bigint,
    closed_at  bigint,
    outcome    text
);

insert into contact_requests (number, contact_id, kind, opened_at, closed_at, outcome)
select number, contact_id, kind, opened_at, closed_at, outcome from contact_requests_before;

drop table contact_requests_before;

create index contact_requests_contact on contact_requests (contact_id, opened_at);
