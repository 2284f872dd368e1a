-- A statement may give a redemption's amount before its exit load. The transaction stays as
-- stated; its order knows how much of that the fund kept, in paise.
alter table transaction_orders add column load_in_amount bigint not null default 0;
