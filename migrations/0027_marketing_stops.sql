-- When somebody last stopped marketing in WhatsApp itself, by Meta's clock. It follows from
-- what came in under their names, as their 24-hour window does.
alter table contacts add column marketing_stopped_at bigint;
