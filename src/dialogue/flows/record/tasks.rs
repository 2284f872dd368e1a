//! What a person has to do about a record, under a number.

use super::super::super::commands::{Command, Service};
use super::super::super::scene::{Scene, Step};
use super::super::super::texts::Text;
use super::super::person;
use super::say;
use crate::contacts::requests::RequestKind;

/// Something for a person to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Pass the new e-mail address on to the exchange.
    Email,
    /// Change the account money goes to, with exchange and mandate.
    Bank,
    /// Pass the nomination on to the fund houses.
    Nominee,
    /// Help with another address.
    Address,
    /// Change the mobile number.
    Mobile,
    /// Correct name or PAN.
    Identity,
    /// Take the declaration of somebody who pays tax elsewhere, too.
    TaxElsewhere,
    /// Make sure whose number it is that Meta does not show.
    HiddenNumber,
}

impl Task {
    /// Returns its word, for records and for templates.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Bank => "bank",
            Self::Nominee => "nominee",
            Self::Address => "address",
            Self::Mobile => "mobile",
            Self::Identity => "identity",
            Self::TaxElsewhere => "tax_elsewhere",
            Self::HiddenNumber => "hidden_number",
        }
    }
}

/// Says that a person does it, under which number, and puts it on their list. Where it is
/// on their list already, that number is named again.
pub(super) async fn hand_over(scene: &Scene<'_>, task: Task) -> anyhow::Result<Step> {
    let open = scene.facts.open_task(scene.contact.id, task).await?;
    let is_open = open.is_some();
    let number = open.unwrap_or_else(|| person::number(scene, RequestKind::Change));
    let text = scene.say(&Text::RecordTask {
        task: task.as_str(),
        number: &number,
        is_open,
    })?;
    let step = Step::leave(say::plain(scene, text));
    Ok(if is_open {
        step
    } else {
        step.doing(Command::Serve(Service::Task(task, number)))
    })
}
