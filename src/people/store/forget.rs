//! What is erased of this room; `$1` is the contact. What was acknowledged stays as a row
//! that nobody can open once the contact's key is gone, as consents do.

/// With a contact of whom nothing has to be kept, in this order.
pub const FORGET: &[&str] = &[
    "delete from bank_accounts where contact_id = $1",
    "delete from risk_profiles where contact_id = $1",
    "delete from money_pauses where contact_id = $1",
    "delete from investors where contact_id = $1",
];
