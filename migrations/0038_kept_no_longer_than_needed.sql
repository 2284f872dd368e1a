-- What was told of the business goes when the messages do that told it.
create index business_events_contents on business_events (told_at)
    where told_at is not null and length(payload) > 0;
-- What a person has looked at goes when what it was about does.
create index attention_resolved on attention (resolved_at) where resolved_at is not null;
