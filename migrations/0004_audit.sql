-- What was done to whom by whom. Written in the transaction of the deed, chained within
-- a second after it: each row's hash covers the one before, under a key that is not in
-- the database in the clear, so that an edit, a swap or a gap shows.
create table audit (
    id      text   primary key,
    at      bigint not null,
    -- bot, operator, system, or an agent
    actor   text   not null,
    -- what was done (marketing_opted_out, handed_off, released, …)
    action  text   not null,
    -- the id of what it was done to; personal data is only ever referred to
    subject text   not null,
    -- place in the chain; null for the last second's rows
    seq     bigint unique,
    hash    bytea,
    check ((seq is null) = (hash is null))
);
create index audit_unchained on audit (id) where seq is null;
