-- Investors: what is on record about a contact who invests. Whatever could tell who
-- somebody is, or what they own, is sealed under the contact's key.

create table investors (
    contact_id      text   primary key references contacts (id),
    -- sealed: PAN, and the keyed hash by which it is found; one record for each PAN
    pan             bytea,
    pan_blind       bytea  unique,
    -- sealed: name and date of birth as per PAN
    name            bytea,
    date_of_birth   bytea,
    -- sealed JSON: address and whose it is
    email           bytea,
    mobile          bytea,
    -- sealed JSON: the WhatsApp number it was bound to, and the proof
    binding         bytea,
    -- sealed JSON: nominees, or that there shall be none; null: nothing said
    nomination      bytea,
    -- sealed JSON: the FATCA/CRS declaration
    fatca           bytea,
    kyc_state       text   not null default 'unknown'
                    check (kyc_state in ('unknown', 'under_process', 'registered', 'validated',
                                         'on_hold', 'rejected', 'deactivated')),
    -- the agency's own word or code, and which agency
    kyc_raw         text,
    kyc_agency      text,
    -- yyyy-mm-dd
    kyc_valid_until text,
    kyc_checked_at  bigint,
    created_at      bigint not null
);
create index investors_kyc on investors (kyc_checked_at, contact_id) where pan_blind is not null;
create index investors_kyc_ends on investors (kyc_valid_until) where kyc_valid_until is not null;

create table bank_accounts (
    id           text   primary key,
    contact_id   text   not null references investors (contact_id),
    -- sealed JSON: account number, IFSC, holder's name
    account      bytea  not null,
    -- keyed hash of number and IFSC: once for each investor, and seen when it is two investors'
    blind        bytea  not null,
    verification text   not null check (verification in ('unverified', 'penny_drop_sent', 'verified',
                                                         'name_mismatch', 'failed')),
    verified_at  bigint,
    -- 1: money goes to and from this one
    is_default   bigint not null check (is_default in (0, 1)),
    created_at   bigint not null,
    unique (contact_id, blind)
);
create index bank_accounts_blind on bank_accounts (blind);
create unique index bank_accounts_default on bank_accounts (contact_id) where is_default = 1;

-- Each risk profile that was ever taken. The newest counts.
create table risk_profiles (
    id         text   primary key,
    contact_id text   not null references investors (contact_id),
    -- version of the questions
    version    text   not null,
    -- sealed JSON: what was answered
    answers    bytea  not null,
    score      bigint not null,
    category   text   not null,
    -- highest level of the risk-o-meter that suits
    highest    text   not null,
    taken_at   bigint not null
);
create index risk_profiles_contact on risk_profiles (contact_id, id);

-- Accounts with exchanges.
create table exchange_accounts (
    contact_id text   not null references investors (contact_id),
    gateway    text   not null,
    -- client code
    ucc        text   not null,
    state      text   not null check (state in ('awaiting_authorisation', 'under_process', 'active', 'suspended')),
    updated_at bigint not null,
    primary key (contact_id, gateway),
    unique (gateway, ucc)
);

-- Investors whose money may not move until a person has looked.
create table money_pauses (
    id          text   primary key,
    contact_id  text   not null references contacts (id),
    reason      text   not null,
    opened_at   bigint not null,
    released_at bigint,
    released_by text
);
create unique index money_pauses_open on money_pauses (contact_id) where released_at is null;

-- Consent, given and withdrawn. Rows are only ever added: the newest of a purpose counts.
create table consents (
    id         text   primary key,
    contact_id text   not null references contacts (id),
    -- service, marketing:<channel>, data_sharing:<with whom>
    purpose    text   not null,
    -- 1: given. 0: withdrawn.
    given      bigint not null check (given in (0, 1)),
    -- where it was said (chat, api, operator, merge)
    source     text   not null,
    -- sealed JSON: the text that was shown, and what was answered
    proof      bytea  not null,
    -- version of that text
    version    text   not null,
    at         bigint not null
);
create index consents_contact on consents (contact_id, purpose, id);

-- What investors acknowledged in writing about a scheme's risk. Rows are only ever added.
create table risk_acknowledgements (
    id              text   primary key,
    contact_id      text   not null references contacts (id),
    -- AMFI's code
    scheme_code     bigint not null,
    -- JSON: which levels of risk, or that there is nothing to compare with
    acknowledgement text   not null,
    -- sealed JSON: the text that was shown, and what was answered
    proof           bytea  not null,
    at              bigint not null
);
create index risk_acknowledgements_contact on risk_acknowledgements (contact_id, scheme_code);
