-- Who had which name when, by Meta's time, so that it does not matter in what order Meta's
-- webhooks come. Names are keyed hashes, as in `identities`; times are epoch milliseconds.

-- Who a contact proved to be: somebody who is nobody else. Null: themselves.
alter table contacts add column merged_into text;
create index contacts_merged on contacts (merged_into) where merged_into is not null;
-- the name it was first known by, and when it was: whoever had that name then is who it is
alter table contacts add column born_name bytea;
alter table contacts add column born_at bigint;
create index contacts_born on contacts (born_name) where born_name is not null;
update contacts
   set born_at = created_at,
       born_name = (select i.blind from identities i where i.contact_id = contacts.id
                     order by i.kind desc, i.blind limit 1);
-- rises whenever it gets or loses a name
alter table contacts add column names_epoch bigint not null default 0;
-- when the message was sent that says by what they came
alter table contacts add column source_at bigint;

-- since when whoever has a number has it; long before anything: it never was another's
alter table identities add column since bigint not null default -1000000000000000;

-- Whoever had a number before.
create table former_names (
    name       bytea  not null,
    since      bigint not null,
    contact_id text   not null references contacts (id),
    -- sealed under the contact's key, as in `identities`
    value      bytea,
    primary key (name, since)
);
create index former_names_contact on former_names (contact_id);

-- When a user id was first seen with a number.
create table name_pairs (
    user_id bytea  not null,
    number  bytea  not null,
    at      bigint not null,
    primary key (user_id, number)
);
create index name_pairs_number on name_pairs (number, user_id);

-- Meta's word that somebody has other names from then on; and, with nothing but a new
-- number, an operator's word that there is somebody by it.
create table name_changes (
    -- the event it came in
    id         text   primary key,
    old_number bytea,
    old_user   bytea,
    new_number bytea,
    new_user   bytea,
    at         bigint not null,
    -- the names themselves, sealed under the ingest key
    names      bytea,
    -- whose identity is doubted for it
    doubted    text
);
create index name_changes_old_number on name_changes (old_number) where old_number is not null;
create index name_changes_old_user on name_changes (old_user) where old_user is not null;
create index name_changes_new_number on name_changes (new_number) where new_number is not null;
create index name_changes_new_user on name_changes (new_user) where new_user is not null;

-- Who looks at names and changes them waits for this row; SQLite has one writer anyway.
create table names_lock (
    id bigint primary key check (id = 1)
);
insert into names_lock (id) values (1);

-- Names that belong to one contact so far were seen together.
insert into name_pairs (user_id, number, at)
select u.blind, n.blind, case when u.created_at > n.created_at then u.created_at else n.created_at end
  from identities u join identities n on n.contact_id = u.contact_id
 where u.kind = 'user_id' and n.kind = 'wa_id';

-- The name whoever wrote it is known by: the user id, else the number.
alter table inbox add column name bytea;
-- advertisement or link they came by with it
alter table inbox add column source text;
create index inbox_name on inbox (name, sent_at) where name is not null;

-- When template news was so, by Meta's clock.
alter table message_templates add column quality_at bigint;
alter table message_templates add column category_at bigint;
