-- The language somebody was last heard in, beside the one they chose: what is written to
-- them unasked (a notice, a paper that is ready) is in the first of the two that is there.
alter table contacts add column language_heard text;
