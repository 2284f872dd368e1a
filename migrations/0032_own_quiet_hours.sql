-- Quiet hours are those of the house: nobody sets or reads their own.
drop table notice_hours;
-- Whoever has a link may read it, whomever it was made for.
alter table calendar_links drop column reader;
