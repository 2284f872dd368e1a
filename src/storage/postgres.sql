-- Views with native types, for analysts; made anew at each start, after the migrations.
-- Nothing in the service reads them, and nothing sealed is in them.

-- One at a time: two processes that start together would trip over each other.
select pg_advisory_xact_lock(20260824);

create or replace view outbox_times as
select id,
       contact_id,
       lane,
       purpose,
       state,
       reason,
       code,
       attempts,
       to_timestamp(created_at / 1000.0)   as created_at,
       to_timestamp(accepted_at / 1000.0)  as accepted_at,
       to_timestamp(delivered_at / 1000.0) as delivered_at,
       to_timestamp(read_at / 1000.0)      as read_at
  from outbox;

create or replace view inbox_times as
select id,
       contact_id,
       kind,
       state,
       outcome,
       attempts,
       to_timestamp(sent_at / 1000.0)     as sent_at,
       to_timestamp(received_at / 1000.0) as received_at,
       to_timestamp(done_at / 1000.0)     as done_at
  from inbox;
