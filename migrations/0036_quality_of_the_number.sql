-- What people think of the number, in Meta's word, when it was asked for last: a person is
-- told when it turns bad, and not each time that it still is.
alter table account_state add column quality text;
