-- How commission is divided, and what was. Rows are only ever added.

-- Shares of each kind of commission from a day on; of those for the same kind and day the
-- one loaded last counts.
create table commission_splits (
    kind           text   not null,
    -- yyyy-mm-dd
    effective_from text   not null,
    loaded_at      bigint not null,
    -- odd paise go to the earlier first where both lost the same
    position       bigint not null,
    party          text   not null,
    basis_points   bigint not null check (basis_points >= 0 and basis_points <= 10000),
    primary key (kind, effective_from, loaded_at, position),
    unique (kind, effective_from, loaded_at, party)
);

-- Commission that was divided, and commission that was taken back.
create table commissions (
    id          text   primary key,
    -- the line of a statement it comes from: once
    source      text   not null unique,
    kind        text   not null,
    -- yyyy-mm-dd: chose the split
    earned_on   text   not null,
    -- paise; of the other sign where it takes back
    amount      bigint not null,
    split_from  text   not null,
    -- itself, or the one it takes back from
    original_id text   not null references commissions (id),
    -- 0 for the original, then counted: two that take back at once collide
    number      bigint not null,
    recorded_at bigint not null,
    unique (original_id, number)
);

create table commission_parts (
    commission_id text   not null references commissions (id),
    position      bigint not null,
    party         text   not null,
    basis_points  bigint not null,
    amount        bigint not null,
    primary key (commission_id, position)
);
