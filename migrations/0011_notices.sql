-- Business events told to investors. Times are epoch milliseconds (UTC); what could tell
-- who somebody is or what they own is sealed under their key.

-- One row for each event that was taken over: it decides which way the notice goes, so an
-- event has one way at a time and is told at most once.
create table notices (
    event_id     text   primary key references business_events (id),
    contact_id   text   not null references contacts (id),
    kind         text   not null,
    -- waiting: to be decided at due_at. handed: on its way as message_id. told, and the
    -- others: ended.
    state        text   not null check (state in ('waiting', 'handed', 'told', 'unknown',
                        'declined', 'lapsed', 'shown')),
    -- which way it went last
    way          text   check (way in ('text', 'template', 'email')),
    -- the outbox row or letter it became
    message_id   text,
    -- ways that certainly failed, separated by commas
    tried        text   not null default '',
    -- why it waits or ended
    reason       text,
    -- when to look again
    due_at       bigint not null,
    -- how often it was looked at since it was handed over
    looks        bigint not null default 0,
    -- of no use to them after this
    useful_until bigint not null,
    created_at   bigint not null,
    settled_at   bigint,
    check ((way is null) = (message_id is null))
);
create index notices_due on notices (due_at) where state in ('waiting', 'handed');
create index notices_contact on notices (contact_id, event_id);

-- What an investor wished for. No row: everything on WhatsApp.
create table notice_wishes (
    contact_id text   not null references contacts (id),
    -- a kind, or every
    scope      text   not null,
    wish       text   not null check (wish in ('whatsapp', 'email', 'none')),
    changed_at bigint not null,
    primary key (contact_id, scope)
);

-- Quiet hours of their own: minutes of the day in India.
create table notice_hours (
    contact_id text   primary key references contacts (id),
    quiet_from bigint not null,
    quiet_to   bigint not null,
    changed_at bigint not null
);

-- Letters to post by e-mail.
create table letters (
    id         text   primary key,
    contact_id text   not null references contacts (id),
    -- the event it tells of: one letter for each
    event_id   text   unique references business_events (id),
    -- sealed JSON: address, subject, words, attachments
    payload    bytea  not null,
    -- sending is written before the server hears of it, so that after a crash it is known
    -- that the letter may have gone
    state      text   not null check (state in ('queued', 'sending', 'sent', 'failed', 'unknown')),
    attempts   bigint not null default 0,
    -- queued: not before. sending: its sender is lost after this.
    due_at     bigint not null,
    expires_at bigint not null,
    -- minutes of the day (India) between which it is not posted; null: none
    quiet_from bigint,
    quiet_to   bigint,
    -- why it ended as it did, and the server's code
    reason     text,
    code       bigint,
    created_at bigint not null,
    sending_at bigint,
    ended_at   bigint
);
create index letters_due on letters (due_at, id) where state in ('queued', 'sending');

-- Entries as they were last given out in somebody's calendar, without their words.
create table calendar_entries (
    contact_id text   not null references contacts (id),
    uid        text   not null,
    plan_id    text   not null,
    -- yyyy-mm-dd
    date       text   not null,
    -- stands for the words
    digest     text   not null,
    sequence   bigint not null,
    cancelled  bigint not null check (cancelled in (0, 1)),
    changed_at bigint not null,
    primary key (contact_id, uid)
);

-- Links under which a calendar can be fetched. Who has the link has the calendar.
create table calendar_links (
    -- keyed hash of the token: the link itself is nowhere kept
    token      bytea  primary key,
    contact_id text   not null references contacts (id),
    -- whom the investor made it for
    reader     text   not null check (reader in ('investor', 'family', 'agent')),
    created_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint
);
create index calendar_links_contact on calendar_links (contact_id);
