-- Templates and notices in the outbox.

-- 1: a template, which needs no open 24-hour window
alter table outbox add column is_template bigint not null default 0;
-- minutes of the day (India) between which it may not be sent; null: none
alter table outbox add column quiet_from bigint;
alter table outbox add column quiet_to bigint;
