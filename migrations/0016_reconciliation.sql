-- What did not add up when ledger, transactions, orders, gateway and statements were
-- compared. One open row for each error; closed when it is no longer found.
create table reconciliation_findings (
    id         text   primary key,
    contact_id text   not null references contacts (id),
    kind       text   not null,
    -- the order, or the gateway's id of one
    subject    text   not null,
    -- figures, nothing personal
    detail     text   not null,
    found_at   bigint not null,
    closed_at  bigint
);
create unique index reconciliation_findings_open
    on reconciliation_findings (contact_id, kind, subject) where closed_at is null;
