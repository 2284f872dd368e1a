//! Learns the model from labelled messages.
//!
//! Logistic regression by steps that grow smaller (`AdaGrad`) in a fixed order, so that the same messages give the same
//! model. Evidence that is found in many messages says less and counts less. Messages in
//! Latin letters are learnt from twice, the second time with slips of the finger.

use super::evidence::{self, BUCKETS, Evidence, Fingerprint};
use super::intent::Intent;
use super::model::{Each, Weights, likely};
use super::parse;

/// A message and what it wants.
#[derive(Debug, Clone, Copy)]
pub struct Labelled<'a> {
    /// What it wants.
    pub intent: Intent,
    /// In which kind of language it is, and whether it is a trap: a name for tables.
    pub group: &'a str,
    /// As it was typed.
    pub text: &'a str,
    /// What else it says, as JSON, where somebody has written it down.
    pub slots: Option<&'a str>,
}

/// Reads a table of labelled messages: intent, group, text and perhaps slots, parted by tabs.
///
/// # Errors
/// Says which line is none.
pub fn read(table: &str) -> Result<Vec<Labelled<'_>>, String> {
    let lines = table.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let mut fields = line.split('\t');
            let mut field = || {
                fields
                    .next()
                    .ok_or_else(|| format!("`{line}` is too short"))
            };
            let (name, group, text) = (field()?, field()?, field()?);
            let intent = Intent::named(name)
                .filter(|intent| Intent::PUBLIC.contains(intent))
                .ok_or_else(|| format!("`{line}` has no intent"))?;
            let slots = fields.next();
            Ok(Labelled {
                intent,
                group,
                text,
                slots,
            })
        })
        .collect()
}

const ROUNDS: usize = 8;
const STEP: f32 = 0.5;
/// No label is quite certain: keeps the probabilities honest.
const DOUBT: f32 = 0.03;
/// How much a message with slips in it counts.
const SLIPPED: f32 = 0.3;
/// Evidence found in fewer messages is an accident.
const FEWEST: usize = 2;

struct Lesson {
    evidence: Evidence,
    intent: usize,
    weight: f32,
}

/// Returns the bytes of the model that these messages teach.
pub fn learn(messages: &[Labelled<'_>]) -> Vec<u8> {
    let mut lessons = lessons(messages);
    let worth = worth(&lessons);
    for lesson in &mut lessons {
        for (bucket, weight) in &mut lesson.evidence {
            *weight *= worth[*bucket];
        }
        lesson.evidence.retain(|(_, weight)| *weight > 0.0);
    }
    let mut weights = descend(&lessons);
    for (row, worth) in weights.rows.iter_mut().zip(worth) {
        for weight in row {
            *weight *= worth;
        }
    }
    weights.pack(fingerprint(messages))
}

/// Returns a number that is another one once messages, tables of words or the making of
/// evidence have changed. Looks at all of the messages, and at the evidence of some.
pub fn fingerprint(messages: &[Labelled<'_>]) -> u64 {
    const EACH: usize = 40;
    let mut all = Fingerprint::default();
    for (at, message) in messages.iter().enumerate() {
        all.take(&[place(message.intent).to_le_bytes()[0]]);
        all.take(message.text.as_bytes());
        if at % EACH == 0 {
            for (bucket, _) in evidence::of(message.text, &parse(message.text)) {
                all.take(&bucket.to_le_bytes());
            }
        }
    }
    all.0
}

fn lessons(messages: &[Labelled<'_>]) -> Vec<Lesson> {
    let lesson = |text: &str, intent, weight| Lesson {
        evidence: evidence::of(text, &parse(text)),
        intent: place(intent),
        weight,
    };
    let typed = messages
        .iter()
        .map(|message| lesson(message.text, message.intent, 1.0));
    let is_latin = |message: &&Labelled<'_>| message.text.is_ascii();
    let slipped = messages.iter().filter(is_latin).map(|message| {
        let mut seed = Fingerprint::default();
        seed.take(message.text.as_bytes());
        let slipped = with_slips(message.text, &mut Numbers(seed.0));
        lesson(&slipped, message.intent, SLIPPED)
    });
    typed.chain(slipped).collect()
}

fn place(intent: Intent) -> usize {
    let place = Intent::PUBLIC.iter().position(|one| *one == intent);
    place.unwrap_or_default()
}

/// Returns what a piece of evidence counts: the rarer, the more.
fn worth(lessons: &[Lesson]) -> Vec<f32> {
    let mut found = vec![0_u16; BUCKETS];
    for (bucket, _) in lessons.iter().flat_map(|lesson| &lesson.evidence) {
        found[*bucket] = found[*bucket].saturating_add(1);
    }
    let all = u16::try_from(lessons.len()).map_or(f32::from(u16::MAX), f32::from);
    let worth = |found: u16| match usize::from(found) {
        FEWEST.. => (1.0 + all).ln() - (1.0 + f32::from(found)).ln(),
        _ => 0.0,
    };
    let usual = all.ln() * 0.6;
    found
        .into_iter()
        .map(|found| worth(found) / usual)
        .collect()
}

fn descend(lessons: &[Lesson]) -> Weights {
    let nothing: Each = [0.0; Intent::PUBLIC.len()];
    let mut learnt = Weights {
        rows: vec![nothing; BUCKETS],
        bias: nothing,
    };
    let mut moved = vec![nothing.map(|_| 1e-4_f32); BUCKETS];
    let mut bias_moved = nothing.map(|_| 1.0_f32);
    let share = f32::from(u8::try_from(nothing.len()).unwrap_or(u8::MAX));
    let mut order: Vec<usize> = (0..lessons.len()).collect();
    let mut numbers = Numbers(42);
    for _ in 0..ROUNDS {
        for at in (1..order.len()).rev() {
            order.swap(at, numbers.below(at + 1));
        }
        for lesson in order.iter().map(|at| &lessons[*at]) {
            let mut wrong = likely(scores(&learnt, &lesson.evidence));
            for one in &mut wrong {
                *one -= DOUBT / share;
            }
            wrong[lesson.intent] -= 1.0 - DOUBT;
            for (bucket, weight) in &lesson.evidence {
                let row = &mut learnt.rows[*bucket];
                step(
                    row,
                    &mut moved[*bucket],
                    &wrong,
                    weight * lesson.weight,
                    STEP,
                );
            }
            step(&mut learnt.bias, &mut bias_moved, &wrong, 1.0, STEP / 10.0);
        }
    }
    learnt
}

fn scores(learnt: &Weights, evidence: &Evidence) -> Each {
    let mut scores = learnt.bias;
    for (bucket, weight) in evidence {
        for (score, one) in scores.iter_mut().zip(&learnt.rows[*bucket]) {
            *score += one * weight;
        }
    }
    scores
}

/// Moves weights against their error, less where they have moved much already.
fn step(row: &mut Each, moved: &mut Each, wrong: &Each, by: f32, step: f32) {
    for ((weight, moved), wrong) in row.iter_mut().zip(moved).zip(wrong) {
        let slope = wrong * by;
        *moved += slope * slope;
        *weight -= step * slope / moved.sqrt();
    }
}

/// Numbers without a pattern, and the same ones every time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 20) % end as u64).unwrap_or_default()
    }
}

/// Types a text with a slip in every other longer word.
fn with_slips(text: &str, numbers: &mut Numbers) -> String {
    let words = text.split(' ').map(|word| {
        let is_plain = word.len() >= 4 && word.bytes().all(|c| c.is_ascii_alphabetic());
        if is_plain && numbers.below(2) == 0 {
            slip(word, numbers)
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn slip(word: &str, numbers: &mut Numbers) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = 1 + numbers.below(letters.len() - 2);
    let is_vowel = |c: char| "aeiouAEIOU".contains(c);
    match numbers.below(5) {
        0 => letters.swap(at, at + 1),
        1 => {
            letters.remove(at);
        }
        2 => letters.insert(at, letters[at]),
        3 => {
            let bones = letters.split_off(1).into_iter().filter(|c| !is_vowel(*c));
            letters.extend(bones);
        }
        _ => {
            if let Some(vowel) = letters.iter().skip(1).position(|c| is_vowel(*c)) {
                letters.remove(vowel + 1);
            }
        }
    }
    letters.into_iter().collect()
}
