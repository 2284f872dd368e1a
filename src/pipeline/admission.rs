//! Whether a message may be sent now. Asked in the very transaction that puts it into
//! `sending`, so that a takeover or an opt-out that committed before is obeyed.

use jiff::Timestamp;

use super::outbox::Lane;
use super::quiet::QuietHours;
use super::store::Verdict;
use super::turn::Purpose;
use crate::contacts::Marketing;

/// Meta's customer service window is 24 hours from the customer's last message
/// (<https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages>);
/// ten minutes are kept back for clocks that differ and calls that take time.
const WINDOW_MILLIS: i64 = (24 * 60 - 10) * 60 * 1_000;

/// When marketing may arrive: TRAI's hours for commercial messages, used here for
/// WhatsApp too.
const MARKETING_SLEEPS: QuietHours = QuietHours::between((21, 0), (10, 0));
/// Rests that are looked at where each begins before the one before it ends: those of two days.
const RESTS: usize = 4;

/// What decides about one message.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
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
    /// Whether their number may be somebody else's by now.
    pub(super) is_doubtful: bool,
    /// Whether they proved to be another contact, whose word counts now.
    pub(super) is_merged: bool,
    /// Whether it is a template, which needs no open window.
    pub(super) is_template: bool,
    /// Why Meta would not send the template, as far as known.
    pub(super) template_refusal: Option<&'static str>,
    /// Whether Meta takes the template for marketing by now, whatever it was written as.
    pub(super) is_marketing: bool,
    /// Hours in which it may not arrive, if it has any.
    pub(super) quiet: Option<QuietHours>,
}

/// Returns whether free words may be sent to somebody who last wrote then.
pub fn window_is_open(last_inbound_at: Option<Timestamp>, now: Timestamp) -> bool {
    is_open(last_inbound_at.map(Timestamp::as_millisecond), now)
}

/// Says whether what may be marketing may go to somebody who said that of marketing: to those
/// alone who agreed.
pub fn is_wanted(is_marketing: bool, marketing: Marketing) -> bool {
    !is_marketing || marketing == Marketing::OptedIn
}

/// Returns when a message may arrive, if it may not now: marketing has hours of its own beside
/// those that are kept from all of it, and one rest may begin before another ends.
pub fn rests_until(
    is_marketing: bool,
    quiet: Option<QuietHours>,
    now: Timestamp,
) -> Option<Timestamp> {
    let rests = [is_marketing.then_some(MARKETING_SLEEPS), quiet];
    let end_after = |at: Timestamp| {
        let rests = rests.iter().flatten();
        rests.filter_map(|rest| rest.end_after(at)).max()
    };
    let ends = std::iter::successors(end_after(now), |end| end_after(*end));
    ends.take(RESTS).last()
}

fn is_open(last_inbound_at: Option<i64>, now: Timestamp) -> bool {
    last_inbound_at.is_some_and(|at| now.as_millisecond() < at + WINDOW_MILLIS)
}

/// Returns when somebody must have written last for their window to be closed by now.
pub(super) fn window_closed_before(now: Timestamp) -> i64 {
    now.as_millisecond() - WINDOW_MILLIS
}

/// Returns whether a message writes first: to somebody who has not written for a day.
pub(super) fn writes_first(facts: &Facts, now: Timestamp) -> bool {
    facts.is_template && !is_open(facts.last_inbound_at, now)
}

/// Decides whether a message may go.
pub(super) fn admit(facts: &Facts, now: Timestamp) -> Verdict {
    let millis = now.as_millisecond();
    if facts.expires_at <= millis {
        return Verdict::Cancel("expired");
    }
    if facts.is_merged {
        return Verdict::Cancel("contact_merged");
    }
    // Once a later one went out, talk of before would only come out of order.
    if facts.overtaken && facts.purpose == Purpose::Chat {
        return Verdict::Supersede;
    }
    // What the bot decided before the conversation changed hands is not its to say any more.
    if facts.lane == Lane::Reply && facts.decided_under != facts.owner_epoch {
        return Verdict::Cancel("conversation_changed_hands");
    }
    // What nobody asked for is not told to whoever may have their number now.
    if facts.is_doubtful && matches!(facts.lane, Lane::Utility | Lane::Marketing) {
        return Verdict::Cancel("number_in_doubt");
    }
    let is_marketing =
        facts.is_marketing || facts.lane == Lane::Marketing || facts.purpose == Purpose::Marketing;
    if !is_wanted(is_marketing, facts.marketing) {
        return Verdict::Cancel("no_marketing_consent");
    }
    if let Some(morning) = rests_until(is_marketing, facts.quiet, now) {
        return Verdict::Later(morning.as_millisecond());
    }
    if let Some(reason) = facts.template_refusal {
        return Verdict::Cancel(reason);
    }
    if !facts.is_template && !is_open(facts.last_inbound_at, now) {
        return Verdict::Cancel("window_closed");
    }
    Verdict::Send
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
            is_doubtful: false,
            is_merged: false,
            is_template: false,
            template_refusal: None,
            is_marketing: false,
            quiet: None,
        }
    }

    fn template(facts: &Facts) -> Facts {
        Facts {
            is_template: true,
            ..facts.clone()
        }
    }

    #[test]
    fn a_reply_goes_while_its_conversation_is_the_bots() {
        assert_eq!(admit(&chat(), at("12:00:00")), Verdict::Send);
        let taken = Facts {
            owner_epoch: 4,
            ..chat()
        };
        assert_eq!(
            admit(&taken, at("12:00:00")),
            Verdict::Cancel("conversation_changed_hands")
        );
        let agents = Facts {
            lane: Lane::Agent,
            ..taken
        };
        assert_eq!(admit(&agents, at("12:00:00")), Verdict::Send);
    }

    #[test]
    fn free_words_need_an_open_window_and_templates_do_not() {
        let old = chat().last_inbound_at.map(|at| at - WINDOW_MILLIS - 60_000);
        let closed = Facts {
            last_inbound_at: old,
            ..chat()
        };
        assert_eq!(
            admit(&closed, at("12:00:00")),
            Verdict::Cancel("window_closed")
        );
        assert_eq!(admit(&template(&closed), at("12:00:00")), Verdict::Send);
        let never = Facts {
            last_inbound_at: None,
            ..chat()
        };
        assert_eq!(
            admit(&never, at("12:00:00")),
            Verdict::Cancel("window_closed")
        );
    }

    #[test]
    fn a_template_that_is_not_approved_ends_with_its_reason() {
        let paused = Facts {
            template_refusal: Some("template_paused"),
            ..template(&chat())
        };
        assert_eq!(
            admit(&paused, at("12:00:00")),
            Verdict::Cancel("template_paused")
        );
    }

    #[test]
    fn only_a_template_into_a_closed_window_writes_first() {
        let late = at("12:00:00");
        let closed = Facts {
            last_inbound_at: None,
            ..template(&chat())
        };
        assert!(writes_first(&closed, late) && !writes_first(&template(&chat()), late));
    }

    #[test]
    fn what_meta_takes_for_marketing_by_now_needs_consent_whatever_it_was_written_as() {
        let notice = Facts {
            lane: Lane::Utility,
            purpose: Purpose::Money,
            ..template(&chat())
        };
        let recast = |marketing| Facts {
            is_marketing: true,
            marketing,
            ..notice.clone()
        };
        assert_eq!(admit(&notice, at("12:00:00")), Verdict::Send);
        assert_eq!(
            admit(&recast(Marketing::NotAsked), at("12:00:00")),
            Verdict::Cancel("no_marketing_consent")
        );
        let agreed = recast(Marketing::OptedIn);
        assert_eq!(admit(&agreed, at("12:00:00")), Verdict::Send);
        let morning = Verdict::Later((at("10:00:00")).as_millisecond());
        assert_eq!(admit(&agreed, at("07:30:00")), morning);
    }

    #[test]
    fn a_notice_to_a_number_in_doubt_is_not_sent_and_an_answer_is() {
        let doubted = Facts {
            is_doubtful: true,
            ..chat()
        };
        assert_eq!(admit(&doubted, at("12:00:00")), Verdict::Send);
        for lane in [Lane::Utility, Lane::Marketing] {
            let notice = Facts {
                lane,
                marketing: Marketing::OptedIn,
                ..doubted.clone()
            };
            assert_eq!(
                admit(&template(&notice), at("12:00:00")),
                Verdict::Cancel("number_in_doubt")
            );
        }
    }

    #[test]
    fn a_rest_that_begins_before_another_ends_is_waited_for_too() {
        let until = |quiet: ((i64, i64), (i64, i64)), time| {
            let quiet = QuietHours::between(quiet.0, quiet.1);
            rests_until(true, Some(quiet), at(time))
        };
        let noon = Some(at("12:00:00"));
        assert_eq!(until(((9, 0), (12, 0)), "08:00:00"), noon, "both in turn");
        assert_eq!(until(((6, 0), (8, 0)), "07:00:00"), Some(at("10:00:00")));
        assert_eq!(until(((9, 0), (12, 0)), "13:00:00"), None);
        assert_eq!(rests_until(false, None, at("23:00:00")), None);
        // Hers begin before marketing's end, and the other way round: it never may.
        let never = until(((9, 0), (22, 0)), "12:00:00").unwrap();
        assert!(never > at("12:00:00"));
    }

    #[test]
    fn marketing_needs_consent_and_a_decent_hour() {
        let offer = Facts {
            lane: Lane::Marketing,
            purpose: Purpose::Marketing,
            marketing: Marketing::OptedIn,
            ..chat()
        };
        assert_eq!(admit(&template(&offer), at("12:00:00")), Verdict::Send);
        assert_eq!(
            admit(&template(&offer), at("21:00:00")),
            Verdict::Later(at("10:00:00").as_millisecond() + 24 * 3_600_000)
        );
        assert_eq!(
            admit(&template(&offer), at("09:59:59")),
            Verdict::Later(at("10:00:00").as_millisecond())
        );
        for marketing in [Marketing::NotAsked, Marketing::OptedOut] {
            let without = Facts {
                marketing,
                ..offer.clone()
            };
            assert_eq!(
                admit(&template(&without), at("12:00:00")),
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
        assert_eq!(admit(&late, at("12:00:00")), Verdict::Supersede);
        let notice = Facts {
            purpose: Purpose::Money,
            ..late
        };
        assert_eq!(admit(&notice, at("12:00:00")), Verdict::Send);
    }

    #[test]
    fn a_notice_waits_for_its_quiet_hours_to_end() {
        let notice = Facts {
            lane: Lane::Utility,
            purpose: Purpose::Money,
            quiet: Some(QuietHours::between((22, 0), (7, 30))),
            ..chat()
        };
        assert_eq!(admit(&notice, at("12:00:00")), Verdict::Send);
        let early = Facts {
            last_inbound_at: Some(at("06:00:00").as_millisecond()),
            ..notice
        };
        assert_eq!(
            admit(&early, at("06:30:00")),
            Verdict::Later(at("07:30:00").as_millisecond())
        );
    }

    #[test]
    fn nothing_goes_after_its_time() {
        let stale = Facts {
            expires_at: at("12:00:00").as_millisecond(),
            ..chat()
        };
        assert_eq!(admit(&stale, at("12:00:00")), Verdict::Cancel("expired"));
    }
}
