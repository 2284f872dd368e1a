//! Talking to a person: on request, for a complaint, and as the honest offer where the
//! chat cannot do what was asked.

use jiff::Timestamp;

use super::super::commands::{Command, Service};
use super::super::disclosures;
use super::super::labels::Label;
use super::super::scene::{Choice, Say, Scene, Step};
use super::super::session::State;
use super::super::texts::Text;
use super::super::understanding::Intent;
use super::{portfolio, resume};
use crate::clock;
use crate::contacts::ContactChange;
use crate::contacts::requests::{self, RequestKind};
use crate::investing::money;

/// Name of the flow in tap ids.
pub const FLOW: &str = "person";

/// Gives the conversation to a person.
pub fn hand_over(scene: &Scene<'_>, reason: &str) -> anyhow::Result<Step> {
    let grievance = scene.distributor.grievance_contact.as_deref();
    let say = Say::talk(scene.say(&Text::Agent { grievance })?);
    Ok(Step::stay(say).with(ContactChange::HandOff(reason.to_owned())))
}

/// Takes up a complaint.
pub fn complain(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let number = number(scene, RequestKind::Complaint);
    let say = Say::talk(scene.say(&Text::Complaint {
        number: &number,
        grievance: scene.distributor.grievance_contact.as_deref(),
    })?);
    let reason = format!("complaint {number}");
    Ok(Step::stay(say)
        .with(ContactChange::HandOff(reason))
        .doing(Command::Serve(Service::Complaint(number))))
}

/// Says how far the complaint is that they lodged last; it lodges none.
pub async fn how_far(scene: &Scene<'_>) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    let lodged = scene.facts.complaint(scene.contact.id).await?;
    let day = |at: Timestamp| money::date(at.to_zoned(clock::ist()).date());
    let opened = lodged.as_ref().map(|lodged| day(lodged.opened_at));
    let closed = lodged.as_ref().and_then(|lodged| lodged.closed_at.map(day));
    let text = Text::ComplaintStatus {
        number: lodged.as_ref().map(|lodged| lodged.number.as_str()),
        opened: opened.as_deref(),
        closed: closed.as_deref(),
        grievance: scene.distributor.grievance_contact.as_deref(),
    };
    offer(scene, &text, "complaint")
}

/// Says why there is no recommendation, and offers a person.
pub fn advise(scene: &Scene<'_>) -> anyhow::Result<Step> {
    offer(scene, &Text::Advice {}, "advice")
}

/// Says that a question was not taken for an order, and offers a person to answer it.
pub fn wonder(scene: &Scene<'_>) -> anyhow::Result<Step> {
    offer(scene, &Text::Question {}, "question")
}

/// Says that something cannot be done here yet, and offers a person.
pub fn not_yet(scene: &Scene<'_>, intent: Intent) -> anyhow::Result<Step> {
    let (what, reason) = named(intent);
    offer(
        scene,
        &Text::Later {
            what: scene.label(what),
        },
        reason,
    )
}

/// Returns what a wish about money is called, and as which reason a person is told of it.
pub fn named(intent: Intent) -> (Label, &'static str) {
    match intent {
        Intent::SipStart => (Label::DoSipStart, "sip_start"),
        Intent::SipStop => (Label::DoSipStop, "sip_stop"),
        Intent::SipPause => (Label::DoSipPause, "sip_pause"),
        Intent::SipChange | Intent::SipResume => (Label::DoSipChange, "sip_change"),
        Intent::SipList | Intent::OrderStatus => (Label::DoSipStatus, "sip_status"),
        Intent::Redeem => (Label::DoRedeem, "redeem"),
        Intent::Switch => (Label::DoSwitch, "switch"),
        Intent::Mandate => (Label::DoMandate, "mandate"),
        _ => (Label::DoLumpsum, "lumpsum"),
    }
}

/// Returns the reason that a tap on the offer stands for.
pub fn reason(payload: &str) -> &'static str {
    match payload {
        "advice" => "wants a recommendation",
        "question" => "has a question",
        "sip_start" => "wants to start a SIP",
        "sip_stop" => "wants to stop a SIP",
        "sip_pause" => "wants to pause a SIP",
        "sip_change" => "wants to change a SIP",
        "sip_status" => "asks about an instalment",
        "redeem" => "wants to redeem",
        "switch" => "wants to switch",
        "mandate" => "asks about bank or mandate",
        "kyc" => "asks about KYC or nominees",
        "complaint" => "asks about a complaint",
        "document" => "has sent a document",
        "lumpsum" => "wants to invest",
        _ => "asked for a person",
    }
}

/// Says that something was not understood where it may have been a call for a person: it is
/// offered, because after a call nothing is answered here any more.
pub fn doubt(scene: &Scene<'_>) -> anyhow::Result<Step> {
    offer(scene, &Text::Unknown { guess: None }, "person")
}

/// Says what we earn.
pub fn commission(scene: &Scene<'_>) -> anyhow::Result<Step> {
    offer(scene, &Text::Commission {}, "question")
}

/// Says what dealing here costs.
pub fn charges(scene: &Scene<'_>) -> anyhow::Result<Step> {
    offer(scene, &Text::Charges {}, "question")
}

/// Says who we are, under which number, and where money goes.
pub fn identity(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let identity = scene.say(&Text::Identity {
        distributor: &scene.distributor.name,
        registration: disclosures::IDENTITY,
        arn: &scene.distributor.arn,
    })?;
    Ok(offer(scene, &Text::MoneyGoes {}, "question")?.led_by(&identity))
}

/// Returns the number under which a request of this turn is recorded.
pub fn number(scene: &Scene<'_>, kind: RequestKind) -> String {
    requests::number(kind, scene.contact.id, scene.now, &clock::ist())
}

/// Returns the button that calls a person.
pub fn call(scene: &Scene<'_>, reason: &str) -> Choice {
    Choice::new(FLOW, "call", reason, scene.label(Label::MenuAgent))
}

/// Says something and offers a person.
pub fn offer(scene: &Scene<'_>, text: &Text<'_>, reason: &str) -> anyhow::Result<Step> {
    let say =
        Say::talk(scene.say(text)?).buttons(vec![call(scene, reason), resume::to_menu(scene)]);
    Ok(Step::to(State::Menu, say))
}
