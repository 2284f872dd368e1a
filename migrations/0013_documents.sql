-- Files made for investors (statements, pictures), until they expire. Rows and not a
-- folder, so that any process can serve them and erasing a contact's key erases them.
create table documents (
    id         text   primary key,
    contact_id text   not null references contacts (id),
    -- statement, transactions, capital-gains, sip-summary, portfolio-value, allocation,
    -- sip-growth
    kind       text   not null,
    -- keyed hash of the secret in the link; the secret itself is nowhere on record
    token_hash bytea  not null,
    mime       text   not null,
    -- says nothing about the investor
    file_name  text   not null,
    -- the file, under the contact's key
    sealed     bytea  not null,
    made_at    bigint not null,
    -- from this instant on the link leads nowhere
    expires_at bigint not null
);
create unique index documents_token on documents (token_hash);
create index documents_expiry on documents (expires_at);
