-- Files that came with messages. The files themselves lie in the media folder, each
-- sealed under a key of its own, which is here under its contact's.
create table attachments (
    id          text   primary key,
    contact_id  text   not null references contacts (id),
    -- the message it came with
    inbox_id    text   not null references inbox (id),
    -- image, video, audio, document, sticker
    kind        text   not null,
    -- as the message says it
    mime        text   not null,
    state       text   not null check (state in ('waiting', 'kept', 'refused', 'gone')),
    -- why it was refused
    reason      text,
    -- fetched how often, refused or not
    tries       bigint not null default 0,
    size        bigint,
    file_key    bytea,
    -- what it is called in the folder: the SHA-256 of what lies there. Set before it is
    -- written, so that no file is there which no row names
    file        text,
    received_at bigint not null,
    ended_at    bigint,
    check (state <> 'kept' or (file is not null and file_key is not null))
);
create index attachments_contact on attachments (contact_id);
create index attachments_state on attachments (state, received_at);
