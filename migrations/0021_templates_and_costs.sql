-- What Meta has approved, what the account may do, and what messages cost.

-- The account's templates as last heard of, by listing or by webhook.
create table message_templates (
    name         text   not null,
    -- Meta's code
    language     text   not null,
    -- Meta's id
    id           text   not null,
    -- Meta's words
    status       text   not null,
    category     text   not null,
    quality      text   not null default 'UNKNOWN',
    -- JSON of what it says; null while only a webhook has named it
    content      text,
    -- why it was refused or paused
    reason       text,
    -- when a pause ends; null: when somebody lifts it
    paused_until bigint,
    -- when the status last changed, by Meta's clock; null: no webhook has said so
    changed_at   bigint,
    updated_at   bigint not null,
    primary key (name, language)
);

-- Edits of ours: Meta allows one a day and ten in thirty days.
create table template_edits (
    template  text   not null,
    edited_at bigint not null,
    primary key (template, edited_at)
);

-- What Meta lets the account do, as last heard of; one row, once anything was heard.
create table account_state (
    id            bigint primary key check (id = 1),
    -- people who may be written to first in 24 hours; -1: any number
    daily_limit   bigint,
    -- when that was so, by Meta's clock: older news that arrives late changes nothing
    limit_at      bigint,
    -- messages a second, once the number was upgraded
    per_second    bigint,
    -- why nothing is sent, and until when; null: until it is lifted
    stopped       text,
    stopped_until bigint,
    -- 1: only writing first is stopped
    first_only    bigint not null default 0,
    -- when it was stopped or reinstated, by Meta's clock
    stop_at       bigint,
    updated_at    bigint not null
);

-- Which template a message is; null: none.
alter table outbox add column template text;
alter table outbox add column template_language text;
-- 1: it was sent while the 24-hour window was closed, which the daily limit counts
alter table outbox add column writes_first bigint not null default 0;
create index outbox_first on outbox (sending_at, contact_id) where writes_first = 1;
-- whether a template went to somebody lately
create index outbox_templates on outbox (contact_id, template, created_at)
    where template is not null;
-- whether a later message overtook one
create index outbox_accepted on outbox (contact_id, lane, id) where accepted_at is not null;

-- What Meta charges: one row for each message delivered, from the status that said so.
create table message_costs (
    outbox_id    text   primary key,
    contact_id   text   not null,
    purpose      text   not null,
    -- Meta's words
    category     text   not null,
    kind         text   not null,
    delivered_at bigint not null,
    -- YYYY-MM in India
    month        text   not null,
    -- thousandths of a paisa, without tax and before the monthly allowance; null: the rate
    -- card has no rate for it
    millipaise   bigint,
    -- first day of the rate it was reckoned by
    card         text
);
-- JSON of what Meta said of the price
alter table early_statuses add column pricing text;
create index message_costs_month on message_costs (month, delivered_at, outbox_id);
