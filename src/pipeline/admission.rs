//! Whether a message may be sent now. Asked in the very transaction that puts it into
//! `sending`, so that a takeover or an opt-out that committed before is obeyed.

use jiff::Timestamp;
use jiff::civil::Time;

use super::outbox::Lane;
use super::store::Verdict;
use super::turn::Purpose;
use crate::clock::ist;
use crate::contacts::Marketing;

/// Meta's customer service window is 24 hours from the customer's last message
/// (<https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages>);
/// ten minutes are kept back for clocks that differ and calls that take time.
const WINDOW_MILLIS: i64 = (24 * 60 - 10) * 60 * 1_000;

/// When marketing may arrive: TRAI's hours for commercial messages, used here for
/// WhatsApp too.
const MARKETING_FROM: Time = Time::constant(10, 0, 0, 0);
const MARKETING_TO: Time = Time::constant(21, 0, 0, 0);

/// What decides about one message.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) lane: Lane,
    pub(super) purpose: Purpose,
    /// Owner epoch it was decided under.
    pub(super) decided_under: i64,
    /// Owner epoch of the conversation now.
    pub(super) owner_epoch: i64,
    /// It was tried before, and a later one to the same contact was accepted meanwhile.
    pub(super) overtaken: bool,
    pub(super) expires_at: i64,
    pub(super) last_inbound_at: Option<i64>,
    pub(super) marketing: Marketing,
}

/// Decides whether a message may go. `template` says that it needs no open window.
pub(super) fn admit(facts: &Facts, template: bool, now: Timestamp) -> Verdict {
    let millis = now.as_millisecond();
    if facts.expires_at <= millis {
        return Verdict::Cancel("expired");
    }
    // Once a later one went out, talk of before would only come out of order.
    if facts.overtaken && facts.purpose == Purpose::Chat {
        return Verdict::Supersede;
    }
    // What the bot decided before the conversation changed hands is not its to say any more.
    if facts.lane == Lane::Reply && facts.decided_under != facts.owner_epoch {
        return Verdict::Cancel("conversation_changed_hands");
    }
    if facts.lane == Lane::Marketing || facts.purpose == Purpose::Marketing {
        if facts.marketing != Marketing::OptedIn {
            return Verdict::Cancel("no_marketing_consent");
        }
        if let Some(morning) = quiet_until(now) {
            return Verdict::Later(morning.as_millisecond());
        }
    }
    let open = facts
        .last_inbound_at
        .is_some_and(|at| millis < at + WINDOW_MILLIS);
    if !template && !open {
        return Verdict::Cancel("window_closed");
    }
    Verdict::Send
}

/// Returns when the quiet hours end that `now` lies in.
fn quiet_until(now: Timestamp) -> Option<Timestamp> {
    let here = now.to_zoned(ist());
    if (MARKETING_FROM..MARKETING_TO).contains(&here.time()) {
        return None;
    }
    let day = if here.time() < MARKETING_FROM {
        here.date()
    } else {
        here.date().tomorrow().ok()?
    };
    let morning = day.to_datetime(MARKETING_FROM).to_zoned(ist()).ok()?;
    Some(morning.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-08-24T{text}+05:30").parse().unwrap()
    }

    fn chat() -> Facts {
        Facts {
            lane: Lane::Reply,
            purpose: Purpose::Chat,
            decided_under: 3,
            owner_epoch: 3,
            overtaken: false,
            expires_at: at("23:59:00").as_millisecond(),
            last_inbound_at: Some(at("11:59:00").as_millisecond()),
            marketing: Marketing::NotAsked,
        }
    }

    #[test]
    fn a_reply_goes_while_its_conversation_is_the_bots() {
        assert_eq!(admit(&chat(), false, at("12:00:00")), Verdict::Send);
        let taken = Facts {
            owner_epoch: 4,
            ..chat()
        };
        assert_eq!(
            admit(&taken, false, at("12:00:00")),
            Verdict::Cancel("conversation_changed_hands")
        );
        let agents = Facts {
            lane: Lane::Agent,
            ..taken
        };
        assert_eq!(admit(&agents, false, at("12:00:00")), Verdict::Send);
    }

    #[test]
    fn free_words_need_an_open_window_and_templates_do_not() {
        let old = chat().last_inbound_at.map(|at| at - WINDOW_MILLIS - 60_000);
        let closed = Facts {
            last_inbound_at: old,
            ..chat()
        };
        assert_eq!(
            admit(&closed, false, at("12:00:00")),
            Verdict::Cancel("window_closed")
        );
        assert_eq!(admit(&closed, true, at("12:00:00")), Verdict::Send);
        let never = Facts {
            last_inbound_at: None,
            ..chat()
        };
        assert_eq!(
            admit(&never, false, at("12:00:00")),
            Verdict::Cancel("window_closed")
        );
    }

    #[test]
    fn marketing_needs_consent_and_a_decent_hour() {
        let offer = Facts {
            lane: Lane::Marketing,
            purpose: Purpose::Marketing,
            marketing: Marketing::OptedIn,
            ..chat()
        };
        assert_eq!(admit(&offer, true, at("12:00:00")), Verdict::Send);
        assert_eq!(
            admit(&offer, true, at("21:00:00")),
            Verdict::Later(at("10:00:00").as_millisecond() + 24 * 3_600_000)
        );
        assert_eq!(
            admit(&offer, true, at("09:59:59")),
            Verdict::Later(at("10:00:00").as_millisecond())
        );
        for marketing in [Marketing::NotAsked, Marketing::OptedOut] {
            let without = Facts {
                marketing,
                ..offer.clone()
            };
            assert_eq!(
                admit(&without, true, at("12:00:00")),
                Verdict::Cancel("no_marketing_consent")
            );
        }
    }

    #[test]
    fn talk_that_a_later_line_overtook_is_not_said_and_a_notice_is() {
        let late = Facts {
            overtaken: true,
            ..chat()
        };
        assert_eq!(admit(&late, false, at("12:00:00")), Verdict::Supersede);
        let notice = Facts {
            purpose: Purpose::Money,
            ..late
        };
        assert_eq!(admit(&notice, false, at("12:00:00")), Verdict::Send);
    }

    #[test]
    fn nothing_goes_after_its_time() {
        let stale = Facts {
            expires_at: at("12:00:00").as_millisecond(),
            ..chat()
        };
        assert_eq!(
            admit(&stale, false, at("12:00:00")),
            Verdict::Cancel("expired")
        );
    }
}
