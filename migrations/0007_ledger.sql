-- What we claim to know of money and units: a double-entry ledger. Rows are only ever
-- added; a mistake is reversed by another entry.

-- Something that happened.
create table ledger_entries (
    id           text   primary key,
    -- the event it comes from (ord_…:allotted): posted twice is posted once
    source       text   not null unique,
    contact_id   text   not null references contacts (id),
    -- the order or instalment it belongs to
    subject      text   not null,
    -- yyyy-mm-dd: the day it counts from (of the debit, of the NAV, of the payout)
    effective_on text   not null,
    posted_at    bigint not null,
    -- the entry it undoes; each is undone once
    reverses     text   unique references ledger_entries (id)
);
create index ledger_entries_contact on ledger_entries (contact_id, id);
create index ledger_entries_subject on ledger_entries (subject);

-- What it moves, each row from one account to another: no entry can be unbalanced.
create table ledger_transfers (
    entry_id     text   not null references ledger_entries (id),
    position     bigint not null,
    -- null: money in paise. Else units of this scheme, in ten-thousandths.
    scheme_code  bigint,
    -- bank, clearing, order, scheme:<code>, switching, payout_due, refund_due, stamp_duty,
    -- exit_load, stt; of units: issued, folio:<id>
    from_account text   not null,
    to_account   text   not null,
    amount       bigint not null check (amount > 0),
    primary key (entry_id, position),
    check (from_account <> to_account)
);

-- Every transfer as its two halves, for sums by account.
create view ledger_postings as
select e.contact_id, e.subject, e.source, e.effective_on, t.scheme_code,
       t.from_account as account, -t.amount as amount
  from ledger_transfers t join ledger_entries e on e.id = t.entry_id
union all
select e.contact_id, e.subject, e.source, e.effective_on, t.scheme_code,
       t.to_account as account, t.amount as amount
  from ledger_transfers t join ledger_entries e on e.id = t.entry_id;
