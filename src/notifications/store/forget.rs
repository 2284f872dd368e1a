//! What is erased of this room; `$1` is the contact.

/// With a contact of whom nothing has to be kept, in this order.
pub const FORGET: &[&str] = &[
    "delete from notices where contact_id = $1",
    "delete from letters where contact_id = $1",
    "delete from notice_wishes where contact_id = $1",
    "delete from calendar_entries where contact_id = $1",
    "delete from calendar_links where contact_id = $1",
];

/// With one whose records are kept: how they are reached stays, links do not.
pub const FORGET_LINKS: &[&str] = &[
    "delete from calendar_entries where contact_id = $1",
    "delete from calendar_links where contact_id = $1",
];

/// What is kept for a while only: letters that ended before `$1` (milliseconds), `$2` at most.
pub const LET_GO: &str = "delete from letters
      where id in (select id from letters where ended_at < $1 order by ended_at limit $2)";
