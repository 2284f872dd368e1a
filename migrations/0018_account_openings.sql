-- An exchange may refuse to open an account, with a reason; and what is not settled is
-- asked about again. The check on `state` takes a table of its own.
alter table exchange_accounts rename to exchange_accounts_before;

create table exchange_accounts (
    contact_id text   not null references investors (contact_id),
    gateway    text   not null,
    -- client code
    ucc        text   not null,
    state      text   not null check (state in
                   ('awaiting_authorisation', 'under_process', 'active', 'suspended', 'refused')),
    -- why it was refused or suspended, in the exchange's words
    reason     text,
    -- when the exchange is asked about it next; null while nothing is waited for
    look_at    bigint,
    updated_at bigint not null,
    primary key (contact_id, gateway),
    unique (gateway, ucc)
);

insert into exchange_accounts (contact_id, gateway, ucc, state, look_at, updated_at)
select contact_id, gateway, ucc, state, case when state = 'active' then null else 0 end, updated_at
  from exchange_accounts_before;

drop table exchange_accounts_before;

create index exchange_accounts_look on exchange_accounts (gateway, look_at)
    where look_at is not null;
