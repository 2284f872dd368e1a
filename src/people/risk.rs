//! How much risk somebody can bear: questions with points, and what the sum means.
//!
//! The questions are data with a version. An answer on record keeps the version it was
//! given to, so that the category can be worked out again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The risk-o-meter's six levels, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// Low.
    Low,
    /// Low to moderate.
    LowToModerate,
    /// Moderate.
    Moderate,
    /// Moderately high.
    ModeratelyHigh,
    /// High.
    High,
    /// Very high.
    VeryHigh,
}

impl RiskLevel {
    /// Every level, lowest first.
    pub const ALL: [Self; 6] = [
        Self::Low,
        Self::LowToModerate,
        Self::Moderate,
        Self::ModeratelyHigh,
        Self::High,
        Self::VeryHigh,
    ];

    /// Returns the word it is stored as.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::LowToModerate => "low_to_moderate",
            Self::Moderate => "moderate",
            Self::ModeratelyHigh => "moderately_high",
            Self::High => "high",
            Self::VeryHigh => "very_high",
        }
    }

    /// Reads the word it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

/// The questions of one version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Questionnaire {
    /// Names the version.
    pub version: String,
    /// In the order they are asked.
    pub questions: Vec<Question>,
    /// What sums mean, lowest first.
    pub bands: Vec<Band>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name on record.
    pub id: String,
    /// As asked, by language.
    pub text: BTreeMap<String, String>,
    /// What may be answered.
    pub options: Vec<AnswerOption>,
}

/// An answer that may be given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerOption {
    /// Its name on record.
    pub id: String,
    /// What it counts.
    pub points: u32,
    /// As offered, by language.
    pub text: BTreeMap<String, String>,
}

/// What sums from `from` on mean.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Lowest sum.
    pub from: u32,
    /// Name of the category (`balanced`).
    pub category: String,
    /// Highest risk that suits it.
    pub highest: RiskLevel,
}

/// A profile on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskProfile {
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Version of the questions.
    pub version: String,
    /// Points in all.
    pub score: u32,
    /// Category.
    pub category: String,
    /// Highest risk that suits it.
    pub highest: RiskLevel,
}

/// What answers come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Points in all.
    pub score: u32,
    /// Category.
    pub category: String,
    /// Highest risk that suits it.
    pub highest: RiskLevel,
}

/// Answers by question.
pub type Answers = BTreeMap<String, String>;

/// Why answers come to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    /// Not answered.
    #[error("question `{0}` is not answered")]
    Missing(String),
    /// Not one of its options.
    #[error("`{1}` is no answer to question `{0}`")]
    NoSuchOption(String, String),
    /// Not asked.
    #[error("question `{0}` is not asked")]
    NoSuchQuestion(String),
}

/// A set of questions that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadQuestions {
    /// Not JSON of this shape.
    #[error("the risk questions do not read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Something in it cannot be.
    #[error("the risk questions cannot be used: {0}")]
    Wrong(&'static str),
}

/// The questions that are built in.
const BUILT_IN: &str = include_str!("data/risk-questions.json");

impl Questionnaire {
    /// Returns the questions that are built in.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("a test reads the file that is built in")
    }

    /// Reads questions, and refuses what would leave somebody without a category.
    pub fn parse(json: &str) -> Result<Self, BadQuestions> {
        let read: Self = serde_json::from_str(json)?;
        let wrong = |what| Err(BadQuestions::Wrong(what));
        if read.questions.is_empty() || read.questions.iter().any(|q| q.options.is_empty()) {
            return wrong("a question without an answer, or no question");
        }
        let ids: BTreeSet<_> = read.questions.iter().map(|q| &q.id).collect();
        if ids.len() < read.questions.len() {
            return wrong("a question twice");
        }
        for question in &read.questions {
            let options: BTreeSet<_> = question.options.iter().map(|o| &o.id).collect();
            if options.len() < question.options.len() {
                return wrong("an answer twice");
            }
        }
        let rises =
            |pair: &[Band]| pair[0].from < pair[1].from && pair[0].highest <= pair[1].highest;
        if read.bands.first().is_none_or(|band| band.from != 0) || !read.bands.windows(2).all(rises)
        {
            return wrong("bands must start at 0 and rise");
        }
        Ok(read)
    }

    /// Returns what answers come to; every question has to be answered.
    pub fn score(&self, answers: &Answers) -> Result<Score, AnswerFault> {
        let asked = |id: &String| self.questions.iter().any(|question| question.id == *id);
        if let Some(id) = answers.keys().find(|id| !asked(id)) {
            return Err(AnswerFault::NoSuchQuestion(id.clone()));
        }
        let mut score = 0;
        for question in &self.questions {
            let id = &question.id;
            let answer = answers
                .get(id)
                .ok_or_else(|| AnswerFault::Missing(id.clone()))?;
            let option = question.options.iter().find(|option| option.id == *answer);
            let option =
                option.ok_or_else(|| AnswerFault::NoSuchOption(id.clone(), answer.clone()))?;
            score += option.points;
        }
        let band = self.bands.iter().rfind(|band| band.from <= score);
        let band = band.unwrap_or(&self.bands[0]);
        Ok(Score {
            score,
            category: band.category.clone(),
            highest: band.highest,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(pick: impl Fn(&Question) -> &AnswerOption) -> Answers {
        let questions = Questionnaire::built_in().questions;
        let answer = |q: &Question| (q.id.clone(), pick(q).id.clone());
        questions.iter().map(answer).collect()
    }

    #[test]
    fn answers_add_up_to_a_category() {
        let questions = Questionnaire::built_in();
        let lowest = questions.score(&answers(|q| &q.options[0])).unwrap();
        assert_eq!(
            (lowest.score, lowest.category.as_str()),
            (0, "conservative")
        );
        let highest = questions.score(&answers(|q| &q.options[q.options.len() - 1]));
        let highest = highest.unwrap();
        assert_eq!((highest.score, highest.highest), (50, RiskLevel::VeryHigh));
        let middle = questions.score(&answers(|q| &q.options[1])).unwrap();
        assert_eq!((middle.score, middle.highest), (22, RiskLevel::Moderate));
    }

    #[test]
    fn nothing_is_guessed_for_an_answer_that_is_missing_or_made_up() {
        let questions = Questionnaire::built_in();
        let mut given = answers(|q| &q.options[0]);
        given.remove("fall");
        assert_eq!(
            questions.score(&given),
            Err(AnswerFault::Missing("fall".to_owned()))
        );
        given.insert("fall".to_owned(), "panic".to_owned());
        assert!(matches!(
            questions.score(&given),
            Err(AnswerFault::NoSuchOption(..))
        ));
        let mut given = answers(|q| &q.options[0]);
        given.insert("age".to_owned(), "40".to_owned());
        assert!(matches!(
            questions.score(&given),
            Err(AnswerFault::NoSuchQuestion(_))
        ));
    }

    #[test]
    fn every_question_and_answer_is_there_in_every_language() {
        for question in Questionnaire::built_in().questions {
            let texts = question.options.iter().map(|option| &option.text);
            for text in texts.chain([&question.text]) {
                for language in ["en", "hi", "hinglish"] {
                    assert!(
                        text.get(language).is_some_and(|t| !t.is_empty()),
                        "{}",
                        question.id
                    );
                }
            }
        }
    }

    #[test]
    fn questions_that_leave_somebody_without_a_category_are_refused() {
        for (from, to) in [
            ("\"from\": 0", "\"from\": 1"),
            ("\"from\": 25", "\"from\": 13"),
        ] {
            let broken = BUILT_IN.replacen(from, to, 1);
            assert!(
                matches!(Questionnaire::parse(&broken), Err(BadQuestions::Wrong(_))),
                "{to}"
            );
        }
        let broken = BUILT_IN.replacen("\"id\": \"fall\"", "\"id\": \"horizon\"", 1);
        assert!(matches!(
            Questionnaire::parse(&broken),
            Err(BadQuestions::Wrong(_))
        ));
    }
}
