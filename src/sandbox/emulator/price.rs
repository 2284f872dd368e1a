//! What Meta charges for a message
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/pricing>).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// First second of 1 October 2026 in India, when messages in the window began to be billed.
const WINDOW_IS_BILLED_FROM: i64 = 1_790_793_000;

/// What a message is charged as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaidAs {
    /// A template that promotes something.
    Marketing,
    /// A template about what somebody asked for or owns.
    Utility,
    /// A template with a one-time code.
    Authentication,
    /// Whatever is no template.
    Service,
}

/// What a message costs. It is settled when the message is accepted and told with its statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// What it is charged as.
    pub paid_as: PaidAs,
    /// Whether anything is charged.
    pub is_billable: bool,
}

impl Price {
    /// Returns the price of a message that is accepted now. Until October 2026 utility templates
    /// were free while the person's window was open, as whatever is no template was.
    pub(crate) fn of(paid_as: PaidAs, window_is_open: bool, now: Timestamp) -> Self {
        let was_free = match paid_as {
            PaidAs::Service => true,
            PaidAs::Utility => window_is_open,
            PaidAs::Marketing | PaidAs::Authentication => false,
        };
        let is_billable = !was_free || now.as_second() >= WINDOW_IS_BILLED_FROM;
        Self {
            paid_as,
            is_billable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_in_the_window_was_free_until_october() {
        let october = WINDOW_IS_BILLED_FROM;
        for (paid_as, window_is_open, second, is_billable) in [
            (PaidAs::Service, true, october - 1, false),
            (PaidAs::Service, true, october, true),
            (PaidAs::Utility, true, october - 1, false),
            (PaidAs::Utility, true, october, true),
            (PaidAs::Utility, false, october - 1, true),
            (PaidAs::Marketing, true, october - 1, true),
            (PaidAs::Authentication, true, october - 1, true),
        ] {
            let now = Timestamp::from_second(second).unwrap();
            let price = Price::of(paid_as, window_is_open, now);
            assert_eq!(price.is_billable, is_billable, "{paid_as:?} at {second}");
        }
    }
}
