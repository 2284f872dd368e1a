-- What is known about schemes beside AMFI's list of the day: NAVs of earlier days, what
-- may be done with a scheme, which days count, and index levels. Rows are only ever
-- added: each belongs to an import and counts once that import is finished. Dates and
-- decimals are text.

-- Which file of NAVs it was. Only the lists of the day are compared with one another;
-- a history report is AMFI's word too, a backfill somebody else's, for gaps only.
alter table nav_imports add column kind text not null default 'latest'
    check (kind in ('latest', 'history', 'backfill'));

-- Each reading of a file of reference data.
create table reference_imports (
    id          bigint primary key,
    kind        text   not null check (kind in ('scheme_rules', 'calendar', 'index_closes')),
    -- file or address it came from
    source      text   not null,
    sha256      text   not null,
    row_count   bigint not null check (row_count > 0),
    started_at  bigint not null,
    -- null until all its rows are written
    finished_at bigint
);

-- What may be done with a scheme from a day on. Of rows of the same day the one of the
-- newest import counts.
create table scheme_rules (
    code           bigint not null,
    -- yyyy-mm-dd
    effective_from text   not null,
    import_id      bigint not null references reference_imports (id),
    -- JSON, as `investing::rules::SchemeRules`
    rules          text   not null,
    primary key (code, effective_from, import_id)
);

-- Holiday lists, whole as they came. Of a year the newest counts, before the one that is
-- shipped.
create table calendar_years (
    year      bigint not null,
    import_id bigint not null references reference_imports (id),
    content   text   not null,
    primary key (year, import_id)
);

-- Levels of indices at the end of a day. A corrected one comes with a later import.
create table index_closes (
    -- the index's name of today in lower case
    name      text   not null,
    -- yyyy-mm-dd
    date      text   not null,
    import_id bigint not null references reference_imports (id),
    -- the name in the file
    raw_name  text   not null,
    close     text   not null,
    -- ratios and dividend yield in percent; null where the file has none
    pe        text,
    pb        text,
    dividend_yield text,
    primary key (name, date, import_id)
);
