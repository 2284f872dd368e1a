-- What an operator looks for beside what failed: messages that were not sent after all.
create index outbox_cancelled on outbox (created_at) where state = 'cancelled';
