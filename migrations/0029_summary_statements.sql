-- 1: the newest statement lists transactions; 0: a summary, which only has the units, so
-- that what it lacks it does not deny
alter table folio_schemes add column statement_detailed bigint not null default 1;

-- the registrar's code, by which a scheme is known on statements that lack its ISIN
alter table folio_schemes add column rta_code text;
