//! Puts an answer on record and goes on.

use super::super::super::commands::{Command, Service};
use super::super::super::ports::KycAnswer;
use super::super::super::scene::{Scene, Step};
use super::ask::Ask;
use super::tasks::{self, Task};
use super::{Aim, State, done, next, prompt_with, say};
use crate::id::BankAccountId;
use crate::people::ports::KycReport;
use crate::people::{
    BankAccount, Change, Investor, Nomination, Recorded, RiskProfile, Verification, same_person,
};

/// Puts a change on record, if the rules take it, and asks what is missing next.
pub(super) async fn keep(
    scene: &Scene<'_>,
    state: &State,
    mut investor: Investor,
    change: Change,
) -> anyhow::Result<Step> {
    let id = scene.contact.id;
    if let Recorded::Refused(refusal) = scene.commands.rehearse_change(id, &change).await? {
        let (why, ask) = say::why(&refusal, &state.ask);
        let lead = say::refused(scene, why)?;
        let aim = state.aim;
        return Ok(prompt_with(scene, &State::asking(aim, ask), &investor, false)?.led_by(&lead));
    }
    apply(scene, &mut investor, &change);
    let mut commands = vec![Command::Record(Box::new(change.clone()))];
    let mut lead = say::noted(scene, &change)?;
    if matches!(change, Change::Pan(_) | Change::DateOfBirth(_))
        && let Some((pan, born)) = investor.pan.clone().zip(investor.date_of_birth)
    {
        match scene.facts.kyc(&pan, born).await? {
            KycAnswer::Report(report) if is_other_name(&report, &investor) => {
                let lead = say::refused(scene, "other_name")?;
                let state = State::asking(state.aim, Ask::Name);
                return Ok(prompt_with(scene, &state, &investor, false)?.led_by(&lead));
            }
            KycAnswer::Report(report) => {
                investor.kyc.state = report.state;
                investor.kyc.valid_until = report.valid_until;
                lead = format!("{lead}\n{}", say::kyc(scene, &investor)?);
                let change = Change::KycOf(pan, born, report);
                commands.push(Command::Record(Box::new(change)));
            }
            KycAnswer::OtherPerson => {
                let lead = say::refused(scene, "other_person")?;
                let state = State::asking(state.aim, Ask::Born);
                return Ok(prompt_with(scene, &state, &investor, false)?.led_by(&lead));
            }
            KycAnswer::NotAsked => {}
        }
    }
    if let Change::Bank(_) = change {
        commands.push(Command::Serve(Service::CheckBank));
    }
    let step = match state.aim {
        Aim::Part => part_done(scene, &investor, &change, &lead).await?,
        Aim::Whole => match next(scene, &investor).await? {
            Some(ask) => {
                let aim = state.aim;
                prompt_with(scene, &State::asking(aim, ask), &investor, false)?.led_by(&lead)
            }
            None => done::end(scene, &investor).await?.led_by(&lead),
        },
    };
    Ok(Step {
        commands: commands.into_iter().chain(step.commands).collect(),
        ..step
    })
}

/// A PAN under another name may be another person's: nothing of it goes on record.
fn is_other_name(report: &KycReport, investor: &Investor) -> bool {
    let names = report.name.as_deref().zip(investor.name.as_deref());
    names.is_some_and(|(theirs, ours)| !same_person(theirs, ours))
}

/// An account that is open knows what it was opened with: a person passes the change on.
async fn part_done(
    scene: &Scene<'_>,
    investor: &Investor,
    change: &Change,
    lead: &str,
) -> anyhow::Result<Step> {
    let task = match change {
        Change::Email(_) => Some(Task::Email),
        Change::Bank(_) => Some(Task::Bank),
        Change::Nominees(_) | Change::OptOutOfNomination => Some(Task::Nominee),
        _ => None,
    };
    match task.filter(|_| !investor.accounts.is_empty()) {
        Some(task) => Ok(tasks::hand_over(scene, task).await?.led_by(lead)),
        None => Ok(Step::leave(say::plain(scene, lead.to_owned()))),
    }
}

/// Makes the change in what this turn knows, as the record will have it.
fn apply(scene: &Scene<'_>, investor: &mut Investor, change: &Change) {
    match change {
        Change::Pan(pan) => investor.pan = Some(pan.clone()),
        Change::Name(name) => investor.name = Some(name.clone()),
        Change::DateOfBirth(born) => investor.date_of_birth = Some(*born),
        Change::Email(email) => investor.email = Some(email.clone()),
        Change::Mobile(mobile) => investor.mobile = Some(mobile.clone()),
        Change::Bank(account) => investor.banks.push(BankAccount {
            // It gets its own when it is written.
            id: BankAccountId::from(uuid::Uuid::nil()),
            account: account.clone(),
            verification: Verification::Unverified,
            verified_at: None,
            is_default: investor.banks.is_empty(),
        }),
        Change::Nominees(new) => {
            let taken = Nomination::of(new, new.len(), scene.today);
            investor.nomination = taken.unwrap_or_default();
        }
        Change::OptOutOfNomination => investor.nomination = Nomination::OptedOut,
        Change::Fatca(fatca) => investor.fatca = Some(fatca.clone()),
        Change::Risk(answers) => {
            let questions = scene.facts.risk_questions();
            investor.risk = questions.score(answers).ok().map(|score| RiskProfile {
                taken_at: scene.now,
                version: questions.version.clone(),
                score: score.score,
                category: score.category,
                highest: score.highest,
            });
        }
        _ => {}
    }
}
