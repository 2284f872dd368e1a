-- Contacts that are claimed, by when their lease runs out: so that looking for what a holder
-- left behind reads those few, and not everybody who waits.
create index contacts_leased on contacts (lease_until) where lease_until > 0;
