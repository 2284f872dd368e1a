-- What happened in the business, for whoever tells people about it. Written in the
-- transaction that made it happen.
create table business_events (
    -- rises with time (version 7): the order they are told in
    id         text   primary key,
    contact_id text   not null references contacts (id),
    -- of all events with the same key only the first counts
    unique_key text   not null unique,
    -- the event's word, for counting
    kind       text   not null,
    -- JSON of the event, sealed under the contact's key
    payload    bytea  not null,
    at         bigint not null,
    -- null until somebody took it over to be told
    told_at    bigint
);
create index business_events_untold on business_events (id) where told_at is null;
create index business_events_contact on business_events (contact_id, id);
