-- What refusals of Meta's had us stop, beside the stop that Meta told of and beside each other:
-- none ends another, and each ends at its time.
-- nothing is sent: the number or the account was refused
alter table account_state add column refused text;
alter table account_state add column refused_until bigint;
-- nobody is written to first: Meta limits what we send for what we sent before
alter table account_state add column slowed text;
alter table account_state add column slowed_until bigint;
