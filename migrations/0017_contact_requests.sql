-- What somebody asked for and a person has to do: a register with the numbers that were
-- told. The words are with the message they came in.
create table contact_requests (
    number     text   primary key,
    contact_id text   not null references contacts (id),
    kind       text   not null check (kind in ('complaint', 'export', 'erase')),
    opened_at  bigint not null,
    closed_at  bigint,
    outcome    text
);
create index contact_requests_contact on contact_requests (contact_id, opened_at);
