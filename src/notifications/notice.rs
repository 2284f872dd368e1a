//! What a business event becomes before it is put into words: which text, with what in
//! its places.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::kind::Kind;
use crate::investing::events::What;
use crate::investing::money::{self, Paise};
use crate::investing::orders::{OrderKind, PlanKind, PlanStatus};
use crate::investing::{SchemeCode, inr};

/// A notice without a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub kind: Kind,
    /// The text (`notify_<name>.txt`), which is also the template's name at Meta.
    pub name: &'static str,
    /// What goes into its places.
    pub places: Vec<(&'static str, Filling)>,
}

/// What goes into a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filling {
    /// The same in every language.
    Same(String),
    /// The label of this key.
    Label(&'static str),
}

/// Returns the notice of what happened; `scheme` names schemes.
#[expect(clippy::too_many_lines, reason = "a table with a row for each event")]
pub fn notice(what: &What, scheme: &dyn Fn(SchemeCode) -> String) -> Notice {
    let scheme = |code: &SchemeCode| ("scheme", same(scheme(*code)));
    let (name, places) = match what {
        What::InstalmentDue {
            scheme: of,
            amount,
            on,
            ..
        } => (
            "instalment_due",
            vec![rupees(*amount), scheme(of), day(*on)],
        ),
        What::InstalmentDebited {
            scheme: of,
            amount,
            on,
            ..
        } => (
            "instalment_debited",
            vec![rupees(*amount), scheme(of), day(*on)],
        ),
        What::InstalmentFailed {
            scheme: of,
            amount,
            on,
            reason,
            left,
            ..
        } => {
            let reason = ("reason", Filling::Label(reason.as_str()));
            let mut places = vec![rupees(*amount), scheme(of), day(*on), reason];
            if *left == 0 {
                ("instalment_failed_last", places)
            } else {
                places.push(("left", same(left.to_string())));
                ("instalment_failed", places)
            }
        }
        What::PlanAwaiting {
            kind,
            scheme: of,
            amount,
            is_change,
            link,
            ..
        } => {
            let mut places = vec![plan(*kind), scheme(of)];
            let name = if *is_change {
                "plan_change_awaiting"
            } else {
                places.push(rupees(*amount));
                "plan_awaiting"
            };
            places.push(("link", same(link.clone())));
            (name, places)
        }
        What::PlanActive {
            kind,
            scheme: of,
            amount,
            first,
            ..
        } => (
            "plan_active",
            vec![plan(*kind), rupees(*amount), scheme(of), day(*first)],
        ),
        What::PlanPaused {
            kind,
            scheme: of,
            until,
            ..
        } => match until {
            Some(until) => ("plan_paused", vec![plan(*kind), scheme(of), day(*until)]),
            None => ("plan_paused_open", vec![plan(*kind), scheme(of)]),
        },
        What::PlanResumed {
            kind,
            scheme: of,
            next,
            ..
        } => match next {
            Some(next) => ("plan_resumed", vec![plan(*kind), scheme(of), day(*next)]),
            None => ("plan_resumed_open", vec![plan(*kind), scheme(of)]),
        },
        What::PlanEnded {
            kind,
            scheme: of,
            by,
            ..
        } => (ended(*by), vec![plan(*kind), scheme(of)]),
        What::MandateAwaiting {
            kind, limit, link, ..
        } => {
            let kind = ("mandate", Filling::Label(kind.as_str()));
            let places = vec![kind, limit_of(*limit), ("link", same(link.clone()))];
            ("mandate_awaiting", places)
        }
        What::MandateActive { kind, limit, .. } => {
            let kind = ("mandate", Filling::Label(kind.as_str()));
            ("mandate_active", vec![kind, limit_of(*limit)])
        }
        What::MandateFailed { kind, reason, .. } => {
            let kind = ("mandate", Filling::Label(kind.as_str()));
            match reason.as_deref().and_then(spoken) {
                Some(reason) => {
                    let places = vec![kind, ("reason", same(reason))];
                    ("mandate_failed_reason", places)
                }
                None => ("mandate_failed", vec![kind]),
            }
        }
        What::OrderPlaced {
            kind,
            scheme: of,
            amount,
            link,
            ..
        } => {
            let order = ("order", Filling::Label(kind.as_str()));
            let quantity = amount.map_or(Filling::Label("units_asked"), |a| same(money_of(a)));
            let mut places = vec![order, scheme(of), ("quantity", quantity)];
            match link {
                Some(link) => {
                    places.push(("link", same(link.clone())));
                    let name = match kind {
                        OrderKind::Purchase => "order_placed_link",
                        // Nothing is paid for these.
                        OrderKind::Redemption | OrderKind::Switch => "order_placed_approve",
                    };
                    (name, places)
                }
                None => ("order_placed", places),
            }
        }
        What::PaymentFailed {
            scheme: of,
            amount,
            reason,
            link,
            ..
        } => {
            let amount = amount.map_or_else(|| "-".to_owned(), money_of);
            let reason = spoken(reason).unwrap_or_else(|| "-".to_owned());
            let places = vec![
                ("amount", same(amount)),
                scheme(of),
                ("reason", same(reason)),
                ("link", same(link.clone())),
            ];
            ("payment_failed", places)
        }
        What::OrderAllotted {
            scheme: of,
            amount,
            units,
            nav,
            nav_date,
            ..
        } => (
            "order_allotted",
            processed(scheme(of), *amount, *units, *nav, *nav_date),
        ),
        What::OrderRedeemed {
            scheme: of,
            amount,
            units,
            nav,
            nav_date,
            ..
        } => (
            "order_redeemed",
            processed(scheme(of), *amount, *units, *nav, *nav_date),
        ),
        What::OrderRejected {
            kind,
            scheme: of,
            reason,
            refund,
            ..
        } => {
            let order = ("order", Filling::Label(kind.as_str()));
            let reason = spoken(reason).unwrap_or_else(|| "-".to_owned());
            let mut places = vec![order, scheme(of), ("reason", same(reason))];
            match refund {
                Some(refund) => {
                    places.push(("refund", same(money_of(*refund))));
                    ("order_rejected_refund", places)
                }
                None => ("order_rejected", places),
            }
        }
        What::DocumentReady {
            title,
            link,
            expires,
            ..
        } => {
            let title = ("title", same(title.clone()));
            let link = ("link", same(link.clone()));
            ("document_ready", vec![title, link, day(*expires)])
        }
        What::KycChanged { state } => ("kyc_changed", vec![("state", kyc(state))]),
        What::AccountAwaiting { link } => {
            let link = ("link", same(link.clone()));
            ("account_awaiting", vec![link])
        }
        What::AccountActive {} => ("account_active", Vec::new()),
        What::AccountFailed { reason } => match reason.as_deref().and_then(spoken) {
            Some(reason) => ("account_failed_reason", vec![("reason", same(reason))]),
            None => ("account_failed", Vec::new()),
        },
    };
    Notice {
        kind: Kind::of(what),
        name,
        places,
    }
}

/// SIP, STP and SWP are called so in every language.
fn plan(kind: PlanKind) -> Place {
    ("plan", same(kind.as_str().to_uppercase()))
}

fn ended(by: PlanStatus) -> &'static str {
    match by {
        PlanStatus::Completed => "plan_completed",
        PlanStatus::CancelledByInvestor => "plan_cancelled",
        PlanStatus::CancelledByExchange => "plan_cancelled_exchange",
        PlanStatus::AutoCancelled => "plan_auto_cancelled",
        PlanStatus::MandateUnlinked => "plan_unlinked",
        PlanStatus::Draft
        | PlanStatus::Awaiting2fa
        | PlanStatus::AwaitingMandate
        | PlanStatus::Active
        | PlanStatus::Paused => "plan_ended",
    }
}

/// The words of `people` for how far KYC is, and the keys of ours.
const KYC: [(&str, &str); 8] = [
    ("unknown", "kyc_unknown"),
    ("under_process", "kyc_under_process"),
    ("registered", "kyc_registered"),
    ("validated", "kyc_validated"),
    ("on_hold", "kyc_on_hold"),
    ("rejected", "kyc_rejected"),
    ("deactivated", "kyc_deactivated"),
    ("expiring", "kyc_expiring"),
];

fn kyc(state: &str) -> Filling {
    match KYC.iter().find(|(word, _)| *word == state) {
        Some((_, label)) => Filling::Label(label),
        None => same(spoken(&state.replace('_', " ")).unwrap_or_else(|| "-".to_owned())),
    }
}

type Place = (&'static str, Filling);

fn processed(scheme: Place, amount: Paise, units: Decimal, nav: Decimal, date: Date) -> Vec<Place> {
    vec![
        scheme,
        rupees(amount),
        ("units", same(money::units(units))),
        ("nav", same(inr(nav, 4))),
        day(date),
    ]
}

fn same(text: String) -> Filling {
    Filling::Same(text)
}

fn money_of(amount: Paise) -> String {
    inr(amount.rupees(), 2)
}

fn rupees(amount: Paise) -> Place {
    ("amount", same(money_of(amount)))
}

fn limit_of(limit: Paise) -> Place {
    ("limit", same(money_of(limit)))
}

fn day(date: Date) -> Place {
    ("date", same(money::date(date)))
}

/// What others wrote, without what would break a sentence of ours.
fn spoken(text: &str) -> Option<String> {
    const LONGEST: usize = 160;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.trim_end_matches(['.', '!', ' ']);
    (!words.is_empty()).then(|| words.chars().take(LONGEST).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_kyc_has_words_of_ours_in_every_language() {
        let voice = crate::notifications::Voice::new().unwrap();
        for state in crate::people::KycState::ALL {
            let Filling::Label(label) = kyc(state.as_str()) else {
                panic!("no words for {state:?}");
            };
            for language in crate::language::Language::ALL {
                assert!(voice.label(language, label).is_ok(), "{label}");
            }
        }
        assert_eq!(kyc("half_done"), same("half done".to_owned()));
    }

    #[test]
    fn the_words_of_others_are_trimmed_to_fit_into_a_sentence() {
        assert_eq!(
            spoken(" Bank\n refused it. ").as_deref(),
            Some("Bank refused it")
        );
        assert_eq!(spoken(" . "), None);
        assert_eq!(spoken(&"x".repeat(500)).unwrap().len(), 160);
    }
}
