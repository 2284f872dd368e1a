//! Whether the machine's clock can be right.

use jiff::Timestamp;

use super::Finding;
use crate::clock::{Clock, ist};

const NAME: &str = "clock";
/// The shipped NAVs are of this day; no right clock reads earlier.
const EARLIEST: &str = "2026-08-21T00:00:00Z";

pub(super) fn check() -> Finding {
    judge(Clock::system().now())
}

fn judge(now: Timestamp) -> Finding {
    let earliest: Timestamp = EARLIEST.parse().expect("a date in RFC 3339");
    let shown = now.to_zoned(ist()).strftime("%d-%b-%Y %H:%M:%S IST");
    if now < earliest {
        return Finding::fail(
            NAME,
            format!("the machine says {shown}, which is in the past"),
            "set the clock and let chrony or systemd-timesyncd keep it; \
             the 24-hour window and every date depend on it",
        );
    }
    Finding::ok(NAME, shown.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_before_the_shipped_navs_is_wrong() {
        assert!(judge("2026-08-20T23:59:59Z".parse().unwrap()).is_failure());
        assert!(!judge(EARLIEST.parse().unwrap()).is_failure());
    }
}
