-- What investors have had done with money. Amounts are paise, times epoch milliseconds,
-- dates and decimals text; what is personal is sealed under the contact's key. Rows that
-- move carry a version that rises with each change and guards it.

-- Terms shown to be confirmed. What a draft became is unique by it, below.
create table drafts (
    id         text   primary key,
    contact_id text   not null references contacts (id),
    -- sealed JSON: the exact terms
    terms      bytea  not null,
    made_at    bigint not null,
    expires_at bigint not null
);
create index drafts_contact on drafts (contact_id, made_at);

-- Leave given to banks to pay.
create table mandates (
    id          text   primary key,
    contact_id  text   not null references contacts (id),
    draft_id    text   not null unique references drafts (id),
    kind        text   not null check (kind in ('upi', 'enach')),
    -- at most so much a day
    day_limit   bigint not null check (day_limit > 0),
    start_date  text   not null,
    end_date    text   not null,
    status      text   not null,
    -- how far the request to the gateway is, and when the call under way was begun
    submission  text   not null,
    asked_at    bigint,
    -- ours with the gateway, unique for ever
    reference   text   not null unique,
    gateway     text   not null,
    gateway_id  text,
    reason      text,
    confirmed_by text  not null,
    made_at     bigint not null,
    -- when to ask the gateway again; null once there is nothing to ask
    poll_at     bigint,
    version     bigint not null
);
create index mandates_contact on mandates (contact_id, id);
create index mandates_poll on mandates (poll_at) where poll_at is not null;
create unique index mandates_gateway on mandates (gateway, gateway_id) where gateway_id is not null;

-- SIP, STP and SWP.
create table plans (
    id          text   primary key,
    contact_id  text   not null references contacts (id),
    draft_id    text   not null unique references drafts (id),
    kind        text   not null check (kind in ('sip', 'stp', 'swp')),
    scheme      bigint not null,
    target      bigint,
    -- of the first instalment; step_up (JSON) says how it grows
    amount      bigint not null check (amount > 0),
    step_up     text,
    frequency   text   not null,
    start_date  text   not null,
    -- null: until cancelled
    instalments bigint,
    mandate_id  text   references mandates (id),
    -- sealed JSON: folio, client code, EUIN
    details     bytea  not null,
    status      text   not null,
    replaces    text   references plans (id),
    submission  text   not null,
    asked_at    bigint,
    reference   text   not null unique,
    gateway     text   not null,
    gateway_id  text,
    -- the next instalment nobody prepared yet; null when there is none
    next_due    text,
    -- instalments prepared so far, those left out included
    prepared    bigint not null default 0,
    -- instalments still to be left out
    pause_left  bigint not null default 0,
    reason      text,
    -- debits must have stopped by then
    cancel_by   text,
    confirmed_by text  not null,
    made_at     bigint not null,
    poll_at     bigint,
    version     bigint not null
);
create index plans_contact on plans (contact_id, id);
create index plans_due on plans (next_due, id) where next_due is not null;
create index plans_poll on plans (poll_at) where poll_at is not null;
create index plans_mandate on plans (mandate_id) where mandate_id is not null;
create unique index plans_gateway on plans (gateway, gateway_id) where gateway_id is not null;

-- Changes of a plan that the gateway has to carry out, one at a time.
create table plan_changes (
    id         text   primary key,
    plan_id    text   not null references plans (id),
    kind       text   not null check (kind in ('pause', 'resume', 'cancel')),
    -- JSON: how many instalments, which reason
    change     text   not null,
    -- the plan's last status, where the change ends it
    ends_as    text,
    -- asked: the gateway has it, and it does not show in the plan yet
    state      text   not null check (state in ('waiting', 'asked', 'done', 'refused', 'parked')),
    reason     text,
    asked_by   text   not null,
    made_at    bigint not null,
    done_at    bigint
);
create unique index plan_changes_open on plan_changes (plan_id) where state in ('waiting', 'asked');

-- Each instalment of a plan, once.
create table instalments (
    id       text   primary key,
    plan_id  text   not null references plans (id),
    -- the day agreed on; the debit may run on the next business day
    due      text   not null,
    number   bigint not null,
    amount   bigint not null check (amount > 0),
    status   text   not null,
    -- why the bank did not pay, in one of our words, and in the gateway's
    bounce   text,
    reason   text,
    made_at  bigint not null,
    version  bigint not null,
    unique (plan_id, due)
);
create index instalments_open on instalments (due)
    where status in ('scheduled', 'pre_debit_notified', 'debit_submitted', 'debited', 'order_created');

create table orders (
    id            text   primary key,
    contact_id    text   not null references contacts (id),
    -- one confirmation makes one order; null for an instalment
    draft_id      text   unique references drafts (id),
    -- an instalment has one order
    plan_id       text   references plans (id),
    instalment_id text   unique references instalments (id),
    kind          text   not null check (kind in ('purchase', 'redemption', 'switch')),
    scheme        bigint not null,
    target        bigint,
    quantity      text   not null check (quantity in ('amount', 'units', 'all')),
    amount        bigint check (amount > 0),
    units         text,
    mandate_id    text   references mandates (id),
    status        text   not null,
    submission    text   not null,
    asked_at      bigint,
    reference     text   not null unique,
    gateway       text   not null,
    gateway_id    text,
    reason        text,
    paid          bigint,
    -- sealed JSON: folio, client code, EUIN, what the registrar made of it
    details       bytea  not null,
    -- the day in India it was made on, for daily limits
    day           text   not null,
    confirmed_by  text   not null,
    made_at       bigint not null,
    poll_at       bigint,
    version       bigint not null,
    check ((draft_id is null) = (instalment_id is not null)),
    check ((plan_id is null) = (instalment_id is null)),
    check ((quantity = 'amount') = (amount is not null)),
    check ((quantity = 'units') = (units is not null))
);
create index orders_contact on orders (contact_id, id);
create index orders_day on orders (contact_id, day);
create index orders_poll on orders (poll_at) where poll_at is not null;
create unique index orders_gateway on orders (gateway, gateway_id) where gateway_id is not null;

-- Every status any of the above ever had, in order.
create table order_history (
    -- the id of a mandate, plan, instalment or order
    subject  text   not null,
    -- the version it came with
    version  bigint not null,
    status   text   not null,
    at       bigint not null,
    -- who or what moved it
    by_whom  text   not null,
    -- the gateway's own word, or why
    detail   text,
    primary key (subject, version)
);

-- Money operations of investors, for the limits on how many there may be.
create table money_operations (
    id         text   primary key,
    contact_id text   not null references contacts (id),
    kind       text   not null check (kind in ('draft', 'redemption', 'other')),
    at         bigint not null
);
create index money_operations_contact on money_operations (contact_id, at);

-- Leave given by a person for one redemption beyond the limit.
create table money_allowances (
    id         text   primary key,
    contact_id text   not null references contacts (id),
    given_by   text   not null,
    given_at   bigint not null,
    expires_at bigint not null,
    used_at    bigint
);
create index money_allowances_contact on money_allowances (contact_id) where used_at is null;

-- What gateways told us by webhook. A notice is a hint: the state is read before anything
-- is done about it.
create table gateway_notices (
    -- gateway and its own id of the notice
    id          text   primary key,
    gateway     text   not null,
    -- kind and gateway id of what it is about; null for one that could not be read
    subject     text,
    -- sealed under the ingest key
    body        bytea,
    received_at bigint not null,
    state       text   not null check (state in ('waiting', 'done', 'unknown', 'unreadable')),
    done_at     bigint
);
create index gateway_notices_waiting on gateway_notices (received_at) where state = 'waiting';
