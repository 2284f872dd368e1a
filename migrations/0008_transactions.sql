-- Transactions from every source, each once: statements, our own orders, reversals.
-- A row never changes; what turns out wrong is undone by a reversal beside it.

-- One row per contact with holdings. Whoever writes folios or transactions of a contact
-- raises the version first, which makes writers of one contact wait for each other.
create table portfolios (
    contact_id text   primary key references contacts (id),
    version    bigint not null
);
insert into portfolios (contact_id, version)
select contact_id, 1 from folios group by contact_id;

alter table transactions rename to stated_transactions;
alter table folio_schemes rename to stated_schemes;

-- A scheme in a folio, as of the newest statement that had it, if any had.
create table folio_schemes (
    folio_id       text   not null references folios (id),
    -- ISIN, or the registrar's code where there is none, or amfi:<code>
    scheme_key     text   not null,
    isin           text,
    -- AMFI's code as the statement or the order has it
    amfi_code      bigint,
    name           text   not null,
    -- 1: through another distributor
    elsewhere      bigint not null check (elsewhere in (0, 1)),
    -- units at the end of the statement; 0 before the first
    close_units    text   not null,
    statement_from text,
    statement_to   text,
    -- the statement's own NAV, for schemes AMFI does not list
    nav            text,
    nav_date       text,
    primary key (folio_id, scheme_key),
    check ((statement_from is null) = (statement_to is null))
);
insert into folio_schemes (folio_id, scheme_key, isin, amfi_code, name, elsewhere,
                           close_units, statement_from, statement_to, nav, nav_date)
select folio_id, scheme_key, isin, amfi_code, name, elsewhere,
       close_units, statement_from, statement_to, nav, nav_date
  from stated_schemes;

create table transactions (
    id          text   primary key,
    folio_id    text   not null,
    scheme_key  text   not null,
    date        text   not null,
    kind        text   not null,
    -- paise, 0 if the row has none; after exit load; negative for money paid out
    amount      bigint not null,
    -- empty if the row has none; negative for units given up
    units       text   not null,
    nav         text   not null,
    -- units after it, where the source says so
    balance     text   not null,
    -- paise the fund kept back, where the source says so: already off the amount
    exit_load   bigint not null,
    -- order within a day
    position    bigint not null,
    -- CAMS or KFINTECH (statement), order, or reversal
    source      text   not null,
    -- the transaction that this one undoes; each is undone once
    reverses    text   references transactions (id),
    recorded_at bigint not null,
    foreign key (folio_id, scheme_key) references folio_schemes (folio_id, scheme_key)
);
create index transactions_scheme on transactions (folio_id, scheme_key, date);
create unique index transactions_reversed on transactions (reverses)
    where reverses is not null;

insert into transactions (id, folio_id, scheme_key, date, kind, amount, units, nav, balance,
                          exit_load, position, source, recorded_at)
select 'txn_' || substr('00000000000000000000000000000000' || n, length(n) + 1, 32),
       folio_id, scheme_key, date, kind, amount, units, nav, balance,
       0, position, source, imported_at
  from (select cast(row_number() over (order by imported_at, folio_id, scheme_key, date,
                                                position, ordinal, kind, amount) as text) as n,
               folio_id, scheme_key, date, kind, amount, units, nav, balance, position,
               source, imported_at
          from stated_transactions) numbered;
drop table stated_transactions;
drop table stated_schemes;

-- Which transaction an order became; written by the order even where a statement had the
-- transaction first, so that neither counts twice.
create table transaction_orders (
    -- the order's or instalment's id and the row's kind (ord_…:purchase)
    reference      text primary key,
    transaction_id text not null unique references transactions (id)
);

-- Transactions of our orders that a statement has had since.
create table transaction_confirmations (
    transaction_id text   primary key references transactions (id),
    source         text   not null,
    -- last day of that statement
    statement_to   text   not null,
    confirmed_at   bigint not null
);
