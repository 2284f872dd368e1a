-- When answers go again while nobody may be written to first yet: each restriction of an
-- account has an end of its own. null: with everything else.
alter table account_state add column answers_until bigint;
