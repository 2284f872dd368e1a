-- What contacts hold, from the statements (CAS) they gave. Dates and decimals are text.

-- A folio with one fund house.
create table folios (
    id         text   primary key,
    contact_id text   not null references contacts (id),
    amc        text   not null,
    -- sealed JSON: folio number, holder's name, PAN
    sealed     bytea  not null,
    created_at bigint not null
);
create index folios_contact on folios (contact_id);

-- A scheme in a folio, as of the newest statement that had it.
create table folio_schemes (
    folio_id       text   not null references folios (id),
    -- ISIN, or the registrar's code where there is none
    scheme_key     text   not null,
    isin           text,
    -- AMFI's code as the statement has it
    amfi_code      bigint,
    name           text   not null,
    -- 1: through another distributor
    elsewhere      bigint not null check (elsewhere in (0, 1)),
    -- units at the end of the statement
    close_units    text   not null,
    statement_from text   not null,
    statement_to   text   not null,
    -- the statement's own NAV, for schemes AMFI does not list
    nav            text,
    nav_date       text,
    primary key (folio_id, scheme_key)
);

-- Transactions, each once, however often it is on a statement.
create table transactions (
    folio_id    text   not null,
    scheme_key  text   not null,
    date        text   not null,
    kind        text   not null,
    -- paise, 0 if the row has none; negative for money paid out
    amount      bigint not null,
    -- empty if the row has none; negative for units given up
    units       text   not null,
    nav         text   not null,
    -- units after it
    balance     text   not null,
    -- tells rows apart that are alike in everything
    ordinal     bigint not null,
    -- place on its statement, for the order within a day
    position    bigint not null,
    source      text   not null,
    imported_at bigint not null,
    primary key (folio_id, scheme_key, date, kind, amount, units, balance, ordinal),
    foreign key (folio_id, scheme_key) references folio_schemes (folio_id, scheme_key)
);
