-- Letters and questions to the assistant go when messages do.
create index letters_ended on letters (ended_at) where ended_at is not null;
create index assistant_uses_at on assistant_uses (at);
