-- Schemes and their NAVs as AMFI lists them. Rows are only ever added: each belongs to an
-- import, and counts once that import is finished. Dates and decimals are text.

-- Each reading of a NAV file. The newest finished one is the current.
create table nav_imports (
    id          bigint primary key,
    -- file or address it came from
    source      text   not null,
    sha256      text   not null,
    -- scheme rows in it, the measure for the next
    row_count   bigint not null check (row_count > 0),
    -- JSON: what was odd about it
    report      text   not null,
    started_at  bigint not null,
    -- null until all its rows are written
    finished_at bigint
);

-- What AMFI says about a scheme code, from the import on in which it changed.
create table schemes (
    code        bigint not null,
    import_id   bigint not null references nav_imports (id),
    name        text   not null,
    plan        text   not null check (plan in ('regular', 'direct', 'unknown')),
    option_kind text   not null check (option_kind in ('growth', 'idcw', 'bonus', 'other')),
    -- as the source spells it
    option_text text   not null,
    amc         text   not null,
    category    text   not null,
    -- of growth or payout; null if there is none or it is not one
    isin        text,
    -- of reinvestment
    isin_reinvestment text,
    primary key (code, import_id)
);

-- NAVs. AMFI revises some later: then a second row of the same day comes with a later
-- import, and the first one stays.
create table navs (
    code      bigint not null,
    -- yyyy-mm-dd
    date      text   not null,
    import_id bigint not null references nav_imports (id),
    -- rupees per unit, with the decimals of the source
    nav       text   not null,
    primary key (code, date, import_id)
);
