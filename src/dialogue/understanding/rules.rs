//! From concepts to the one thing a message wants: the table `rules.txt`.
//!
//! The first row that holds decides, so the order is the policy: what protects people
//! (leaving, complaints, a person) stands before what serves them, and what serves them
//! before courtesies ("hi, show my portfolio" is about the portfolio).

use std::sync::LazyLock;

use super::intent::Intent;
use super::lexicon::{Concept, Hit, LEXICON};
use super::polarity::Mode;

const TABLE: &str = include_str!("rules.txt");

/// A set of concepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Set([u64; 4]);

impl Set {
    fn add(&mut self, concept: Concept) {
        self.0[usize::from(concept.0 / 64)] |= 1 << (concept.0 % 64);
    }

    fn has(&self, concept: Concept) -> bool {
        self.0[usize::from(concept.0 / 64)] & (1 << (concept.0 % 64)) != 0
    }
}

/// What a message has, as the rules see it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Features {
    by_mode: [Set; 4],
    exact: Set,
    words: usize,
}

impl Features {
    /// Returns the features of a message of so many words.
    pub fn new(hits: &[Hit], modes: &[Mode], words: usize) -> Self {
        let mut features = Self {
            words,
            ..Self::default()
        };
        for (hit, mode) in hits.iter().zip(modes) {
            features.by_mode[*mode as usize].add(hit.concept);
            if hit.exact {
                features.exact.add(hit.concept);
            }
        }
        features
    }

    /// Adds something found by other means than words.
    pub fn add(&mut self, name: &str) {
        if let Some(concept) = LEXICON.concept(name) {
            self.by_mode[Mode::Plain as usize].add(concept);
            self.exact.add(concept);
        }
    }
}

#[derive(Debug)]
struct Term {
    concept: Concept,
    /// In which modes it counts.
    modes: Vec<Mode>,
}

impl Term {
    fn holds(&self, features: &Features) -> bool {
        let mut modes = self.modes.iter();
        modes.any(|mode| features.by_mode[*mode as usize].has(self.concept))
    }
}

#[derive(Debug)]
struct Rule {
    intent: Intent,
    confidence: f32,
    /// One term of each group has to hold.
    needs: Vec<Vec<Term>>,
    /// None of these may hold.
    bars: Vec<Term>,
    /// Whether the message may say nothing else but padding.
    alone: bool,
    /// The most words the message may have.
    most_words: usize,
}

/// The rules, in order, and what they know of concepts in general.
#[derive(Debug)]
pub struct Rules {
    rows: Vec<Rule>,
    /// Concepts that can be wished for, refused, done or supposed.
    pub actions: Vec<Concept>,
    padding: Vec<Concept>,
}

/// The one table of rules.
pub static RULES: LazyLock<Rules> =
    LazyLock::new(|| parse(TABLE).unwrap_or_else(|fault| panic!("rules.txt: {fault}")));

fn parse(table: &str) -> Result<Rules, String> {
    let mut parsed = Rules {
        rows: Vec::new(),
        actions: Vec::new(),
        padding: Vec::new(),
    };
    let lines = table.lines().map(str::trim);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (head, body) = line
            .split_once(':')
            .ok_or_else(|| format!("`{line}` has no colon"))?;
        match head {
            "actions" => parsed.actions = concepts(body)?,
            "padding" => parsed.padding = concepts(body)?,
            _ => parsed.rows.push(rule(head, body)?),
        }
    }
    Ok(parsed)
}

fn concepts(names: &str) -> Result<Vec<Concept>, String> {
    names.split_whitespace().map(concept).collect()
}

fn concept(name: &str) -> Result<Concept, String> {
    let found = LEXICON.concept(name);
    found.ok_or_else(|| format!("no table of words has `{name}`"))
}

fn rule(head: &str, body: &str) -> Result<Rule, String> {
    let (name, percent) = head
        .split_once(' ')
        .ok_or_else(|| format!("`{head}` is no intent with its confidence"))?;
    let intent =
        serde_json::from_value(name.into()).map_err(|_| format!("there is no intent `{name}`"))?;
    let percent: u8 = percent
        .trim()
        .parse()
        .map_err(|_| format!("`{percent}` is no percentage"))?;
    let mut rule = Rule {
        intent,
        confidence: f32::from(percent) / 100.0,
        needs: Vec::new(),
        bars: Vec::new(),
        alone: false,
        most_words: usize::MAX,
    };
    for word in body.split_whitespace() {
        if word == "alone" {
            rule.alone = true;
        } else if let Some(most) = word.strip_prefix("<=") {
            rule.most_words = most.parse().map_err(|_| format!("`{word}` is no length"))?;
        } else if let Some(bar) = word.strip_prefix('!') {
            rule.bars.push(term(bar)?);
        } else {
            rule.needs
                .push(word.split('|').map(term).collect::<Result<_, _>>()?);
        }
    }
    Ok(rule)
}

fn term(word: &str) -> Result<Term, String> {
    let name = word.trim_end_matches(['-', '<', '?', '*']);
    let modes = match &word[name.len()..] {
        "" => vec![Mode::Plain],
        "*" => vec![Mode::Plain, Mode::Refused, Mode::Past, Mode::Supposed],
        marks => marks
            .chars()
            .map(|mark| match mark {
                '-' => Mode::Refused,
                '<' => Mode::Past,
                _ => Mode::Supposed,
            })
            .collect(),
    };
    Ok(Term {
        concept: concept(name)?,
        modes,
    })
}

impl Rules {
    /// Decides what the message wants, and how sure that is (0 to 1).
    pub fn decide(&self, features: &Features, hits: &[Hit]) -> (Intent, f32) {
        let rule = self
            .rows
            .iter()
            .find(|rule| self.holds(rule, features, hits));
        let Some(rule) = rule else {
            return (Intent::Unknown, 0.0);
        };
        let is_exact = rule.needs.iter().all(|group| {
            let mut holding = group.iter().filter(|term| term.holds(features));
            holding.any(|term| features.exact.has(term.concept))
        });
        let doubt = if is_exact { 0.0 } else { 0.1 };
        (rule.intent, rule.confidence - doubt)
    }

    fn holds(&self, rule: &Rule, features: &Features, hits: &[Hit]) -> bool {
        features.words <= rule.most_words
            && rule
                .needs
                .iter()
                .all(|group| group.iter().any(|term| term.holds(features)))
            && !rule.bars.iter().any(|term| term.holds(features))
            && (!rule.alone || self.is_alone(rule, features, hits))
    }

    /// Says whether every word is one the rule needs, or padding.
    fn is_alone(&self, rule: &Rule, features: &Features, hits: &[Hit]) -> bool {
        let is_needed = |concept| {
            let mut terms = rule.needs.iter().flatten();
            terms.any(|term| term.concept == concept)
        };
        (0..features.words).all(|word| {
            hits.iter().any(|hit| {
                (hit.from..hit.to).contains(&word)
                    && (is_needed(hit.concept) || self.padding.contains(&hit.concept))
            })
        })
    }
}
