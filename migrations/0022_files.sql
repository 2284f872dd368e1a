-- Files that go with messages and files that come with them.

-- whether the way `text` went as the file itself, in the open chat
alter table notices add column with_file bigint not null default 0;
