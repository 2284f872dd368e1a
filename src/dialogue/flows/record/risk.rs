//! How much risk somebody can bear: the questions on record, one after another.

use super::super::super::compose::MOST_ROW;
use super::super::super::labels::Label;
use super::super::super::scene::{Choice, Say, Scene};
use super::super::super::texts::Text;
use super::super::super::voice::clip;
use super::ask::{Ask, Next};
use super::{FLOW, say};
use crate::people::{Answers, Change, Question, Questionnaire};

/// Returns the first question that is not answered.
fn open<'a>(questions: &'a Questionnaire, answers: &Answers) -> Option<(usize, &'a Question)> {
    let numbered = questions.questions.iter().enumerate();
    let mut open = numbered.filter(|(_, question)| !answers.contains_key(&question.id));
    open.next()
}

pub(super) fn question(scene: &Scene<'_>, answers: &Answers, again: bool) -> anyhow::Result<Say> {
    let questions = scene.facts.risk_questions();
    let language = scene.language.code();
    let Some((at, open)) = open(questions, answers) else {
        let text = Text::RecordAsk {
            part: "risk_done",
            about: None,
            again,
        };
        return Ok(Say::talk(scene.say(&text)?).buttons(vec![
            Choice::new(FLOW, "risk_done", "", scene.label(Label::Declare)),
            Choice::new(FLOW, "risk_restart", "", scene.label(Label::ChangeAnswers)),
        ]));
    };
    let text = scene.say(&Text::RiskQuestion {
        number: at + 1,
        of: questions.questions.len(),
        question: open.text.get(language).map_or("", String::as_str),
        again,
    })?;
    let rows = open.options.iter().map(|option| {
        let title = option.text.get(language).map_or("", String::as_str);
        let payload = format!("{}={}", open.id, option.id);
        let row = Choice::new(FLOW, "risk", payload, clip(title, MOST_ROW));
        // A title that is cut is said in full below.
        if title.chars().count() > MOST_ROW {
            row.note(title)
        } else {
            row
        }
    });
    Ok(say::list(
        scene,
        Say::talk(text),
        Label::OpenAnswers,
        rows.collect(),
    ))
}

pub(super) fn tap(answers: &Answers, step: &str, payload: &str) -> Next {
    match (step, payload.split_once('=')) {
        ("risk", Some((question, option))) => {
            let mut answers = answers.clone();
            answers.insert(question.to_owned(), option.to_owned());
            Next::Ask(Ask::Risk(answers))
        }
        ("risk_restart", _) => Next::Ask(Ask::Risk(Answers::new())),
        ("risk_done", _) => Next::record(Change::Risk(answers.clone())),
        _ => Next::Again,
    }
}
