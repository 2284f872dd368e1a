-- Contacts and the durable path. Times are epoch milliseconds (UTC), flags are 0 or 1,
-- and whatever could tell who somebody is or what they said is sealed.

-- Data keys, wrapped by DATA_KEY. One for each contact (erasing somebody is destroying
-- theirs), one for what has just come in, one for blind indexes.
create table keys (
    id           text   primary key,
    purpose      text   not null check (purpose in ('contact', 'ingest', 'index')),
    -- which DATA_KEY wraps it
    wrapped_by   text   not null,
    -- null once it is destroyed
    wrapped      bytea,
    created_at   bigint not null,
    destroyed_at bigint,
    check ((wrapped is null) = (destroyed_at is not null))
);
create unique index keys_single on keys (purpose) where purpose in ('ingest', 'index');

-- The one number whose conversations are in this database.
create table installation (
    id     bigint primary key check (id = 1),
    number text   not null
);

create table contacts (
    id              text   primary key,
    key_id          text   not null references keys (id),
    created_at      bigint not null,
    -- sealed JSON: profile name and phone number
    profile         bytea,
    -- en, hi or hinglish; null until they choose
    language        text,
    -- advertisement or link they came by first, null for a plain hello
    source          text,
    -- who answers
    owner           text   not null default 'bot' check (owner in ('bot', 'human')),
    -- rises whenever the conversation changes hands
    owner_epoch     bigint not null default 0,
    marketing       text   not null default 'not_asked'
                    check (marketing in ('not_asked', 'opted_in', 'opted_out')),
    marketing_at    bigint,
    -- newest message of theirs by Meta's clock: opens the 24-hour window
    last_inbound_at bigint,
    -- newest message of theirs that was answered, by Meta's clock
    turned_at       bigint,
    -- messages that wait for a turn
    waiting         bigint not null default 0 check (waiting >= 0),
    -- not to be looked at before
    ready_at        bigint not null default 0,
    -- rises with each claim; a turn commits only under the epoch it claimed
    lease_epoch     bigint not null default 0,
    lease_owner     text,
    -- 0: free. In the past but not 0: its holder never gave it back.
    lease_until     bigint not null default 0
);
create index contacts_ready on contacts (ready_at) where waiting > 0;

-- The names Meta knows a contact by, findable by a keyed hash of kind and value.
create table identities (
    blind      bytea  primary key,
    contact_id text   not null references contacts (id),
    kind       text   not null check (kind in ('wa_id', 'user_id')),
    -- sealed under the contact's key
    value      bytea  not null,
    created_at bigint not null
);
create index identities_contact on identities (contact_id);

create table sessions (
    contact_id text   primary key references contacts (id),
    version    bigint not null,
    -- rises with each prompt; lives in the ids of buttons and rows
    generation bigint not null,
    state      bytea  not null,
    updated_at bigint not null
);

-- Keys of every event ever seen (keyed hashes), so that a duplicate has no second
-- effect however old. Never purged.
create table seen_events (
    key bytea primary key
);

create table inbox (
    id          text   primary key,
    -- null for what concerns nobody in particular
    contact_id  text   references contacts (id),
    kind        text   not null check (kind in ('message', 'event', 'unreadable')),
    -- the webhook's field, for an event
    field       text,
    -- Meta's time, then ours
    sent_at     bigint not null,
    received_at bigint not null,
    -- sealed under the ingest key; null once retention emptied it
    payload     bytea,
    -- one id follows a message from here to its read receipt
    trace       text   not null,
    state       text   not null check (state in ('waiting', 'done', 'stored', 'quarantined', 'parked')),
    -- how it ended, in one word
    outcome     text,
    -- claims that took it, and those in which it ran alone after an unclean stop
    attempts    bigint not null default 0,
    alone       bigint not null default 0,
    -- tries that ended in an error
    errors      bigint not null default 0,
    done_at     bigint
);
create index inbox_waiting on inbox (contact_id, sent_at, id) where state = 'waiting';
create index inbox_set_aside on inbox (state, received_at) where state in ('quarantined', 'parked');

create table outbox (
    id           text   primary key,
    contact_id   text   not null references contacts (id),
    -- the received message it answers, if any
    inbox_id     text,
    trace        text   not null,
    lane         text   not null check (lane in ('reply', 'agent', 'utility', 'marketing')),
    purpose      text   not null check (purpose in ('chat', 'code', 'money', 'marketing')),
    -- sealed under the contact's key
    payload      bytea,
    -- required texts it carries, and the version of the rules that put them there
    disclosures  text   not null default '',
    rules        bigint not null default 0,
    -- the conversation's owner epoch when it was decided
    owner_epoch  bigint not null,
    state        text   not null check (state in ('queued', 'sending', 'unknown', 'accepted', 'sent',
                        'failed', 'delivered', 'read', 'played', 'cancelled', 'superseded')),
    -- how far it got; states only ever move to a higher rank
    rank         bigint not null default 0,
    -- why it ended as it did
    reason       text,
    code         bigint,
    attempts     bigint not null default 0,
    -- how often nobody knew whether it had been sent
    doubts       bigint not null default 0,
    -- queued: not before. unknown: when to settle it.
    due_at       bigint not null,
    -- a reply nobody needs any more after this
    expires_at   bigint not null,
    -- which sender's lease put it into sending
    sender_epoch bigint,
    -- keyed hash of Meta's message id
    wamid        bytea,
    created_at   bigint not null,
    sending_at   bigint,
    accepted_at  bigint,
    sent_at      bigint,
    delivered_at bigint,
    read_at      bigint,
    failed_at    bigint
);
create index outbox_due on outbox (lane, due_at, id) where state = 'queued';
create index outbox_open on outbox (contact_id, id) where state in ('queued', 'sending');
create index outbox_unsettled on outbox (due_at) where state in ('sending', 'unknown');
create index outbox_wamid on outbox (wamid) where wamid is not null;

-- Statuses that came before the row they belong to was known by its message id.
create table early_statuses (
    wamid  bytea  not null,
    status text   not null,
    rank   bigint not null,
    at     bigint not null,
    code   bigint,
    primary key (wamid, status)
);
create index early_statuses_at on early_statuses (at);

-- Who may do what only one process may: pace a number, for instance.
create table leases (
    name   text   primary key,
    holder text   not null,
    epoch  bigint not null,
    until  bigint not null
);

create table jobs (
    id          text   primary key,
    kind        text   not null,
    -- two of the same work in one period are one
    unique_key  text   not null unique,
    payload     bytea,
    run_at      bigint not null,
    state       text   not null check (state in ('waiting', 'done', 'dead')),
    attempts    bigint not null default 0,
    lease_epoch bigint not null default 0,
    lease_until bigint not null default 0,
    last_error  text,
    created_at  bigint not null,
    finished_at bigint
);
create index jobs_due on jobs (run_at) where state = 'waiting';

-- Conversations given to a person.
create table handoffs (
    id         text   primary key,
    contact_id text   not null references contacts (id),
    -- sealed under the contact's key: it may quote them
    reason     bytea  not null,
    opened_at  bigint not null,
    closed_at  bigint,
    closed_by  text
);
create unique index handoffs_open on handoffs (contact_id) where closed_at is null;

-- What a person has to look at, because no machine may decide it.
create table attention (
    id          text   primary key,
    kind        text   not null,
    -- what it is about: an outbox, inbox or job id, or the name of a part
    subject     text   not null,
    detail      text   not null,
    opened_at   bigint not null,
    resolved_at bigint
);
create unique index attention_open on attention (kind, subject) where resolved_at is null;
