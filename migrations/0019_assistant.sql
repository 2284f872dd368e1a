-- What the assistant was asked and did, one row a use, written with the turn.
create table assistant_uses (
    id          text   primary key,
    contact_id  text   not null references contacts (id),
    at          bigint not null,
    -- the model that answered last, and the version of what it was told
    model       text   not null,
    prompt      text   not null,
    -- answered, opened, refused, slow, unanswered, rounds
    verdict     text   not null,
    tokens_in   bigint not null,
    tokens_out  bigint not null,
    -- millionths of a paisa
    cost        bigint not null,
    -- how long it took, milliseconds
    millis      bigint not null,
    -- the masked question, what was looked up, what the model said and why it was refused;
    -- under the contact's key
    sealed      bytea  not null
);
create index assistant_uses_contact on assistant_uses (contact_id, at);

-- What was used of a day's budget; the row without a contact is everybody's.
create table assistant_spend (
    -- date in India
    day        text   not null,
    contact_id text   not null,
    tokens     bigint not null,
    cost       bigint not null,
    primary key (day, contact_id)
);
