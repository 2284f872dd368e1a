//! Finding the fund that is meant.
//!
//! Codes of one fund (plans, options) form a family. A question's words are matched with
//! the words of all families (exactly, as a beginning, or with a slip of the finger), rare
//! words counting more. One family that has them all is the answer; otherwise the best few.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::amfi::STALE_DAYS;
use super::names::{self, Query};
use super::scheme::{Found, OptionKind, Plan, Scheme, SchemeCode};
use super::slip::is_slip;

/// A NAV this many days behind the newest is still of these days.
const FRESH_DAYS: i32 = 7;
/// Share of a question's weight a family must have to be worth showing.
const ENOUGH: f32 = 0.65;
/// Weight of a word no fund has.
const UNKNOWN_WORD: f32 = 5.0;
const PREFIX: f32 = 0.9;
const TYPO: f32 = 0.75;
/// Words that seldom tell two funds apart.
const SOFT: &[&str] = &["index", "india", "growth", "s", "p"];
/// Words of options that were once sold to some, or hold what nobody claimed.
const SIDE_OPTIONS: &[&str] = &[
    "unclaimed",
    "retail",
    "institutional",
    "segregated",
    "defunct",
];

/// The words of all names.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// In order.
    vocabulary: Vec<Box<str>>,
    /// Weight of each word: rare ones weigh more.
    weights: Vec<f32>,
    /// The families that have each word: only those are looked at, and not thousands.
    having: Vec<Vec<u16>>,
    families: Vec<Family>,
    main_date: Option<Date>,
}

#[derive(Debug)]
struct Family {
    /// Words of the name that are not the fund house's, then those of the fund house.
    words: Box<[u16]>,
    /// How many of them are the fund's own.
    own: u16,
    /// Positions of its schemes.
    members: Box<[u16]>,
    /// Whether any of them still has NAVs.
    live: bool,
}

#[derive(Debug, Clone, Copy)]
struct Hit {
    family: usize,
    score: f32,
    /// Mean likeness of the matched words.
    quality: f32,
    /// Whether every word of the question was matched.
    full: bool,
    /// Words of the name that were not asked for: those that matter, and soft ones.
    extra: (usize, usize),
}

/// How well a word of the question fits each word of the vocabulary.
struct Matched {
    quality: Vec<f32>,
    weight: f32,
}

impl Index {
    pub(super) fn new(schemes: &[Scheme], main_date: Option<Date>) -> Self {
        let mut groups: BTreeMap<(String, Vec<String>), Vec<u16>> = BTreeMap::new();
        let mut known: HashMap<&str, Vec<String>> = HashMap::new();
        for (at, scheme) in schemes.iter().enumerate() {
            let Ok(at) = u16::try_from(at) else {
                break;
            };
            let words = known
                .entry(&scheme.name)
                .or_insert_with(|| {
                    let mut words = names::of_name(&scheme.name);
                    words.sort_unstable();
                    words
                })
                .clone();
            groups
                .entry((scheme.amc.clone(), words))
                .or_default()
                .push(at);
        }
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let groups: Vec<_> = groups
            .into_iter()
            .map(|((amc, mut words), members)| {
                let house = names::of_name(&amc);
                words.retain(|word| !house.contains(word));
                let own = words.len();
                words.extend(house);
                let live = members.iter().any(|at| {
                    let nav = schemes[usize::from(*at)].nav;
                    nav.is_some_and(|nav| days_behind(main_date, nav.date) <= STALE_DAYS)
                });
                for word in &words {
                    *counts.entry(word.clone()).or_default() += u32::from(live);
                }
                (words, own, members, live)
            })
            .collect();
        let live = groups.iter().filter(|group| group.3).count();
        let ids: HashMap<&str, u16> = counts
            .keys()
            .zip(0..=u16::MAX)
            .map(|(word, id)| (word.as_str(), id))
            .collect();
        let families: Vec<_> = groups
            .into_iter()
            .map(|(words, own, members, live)| Family {
                words: words
                    .iter()
                    .filter_map(|word| ids.get(word.as_str()).copied())
                    .collect(),
                own: u16::try_from(own).unwrap_or(u16::MAX),
                members: members.into_boxed_slice(),
                live,
            })
            .collect();
        let mut having = vec![Vec::new(); counts.len()];
        for (family, at) in families.iter().zip(0..=u16::MAX) {
            for id in &*family.words {
                having[usize::from(*id)].push(at);
            }
        }
        Self {
            having,
            weights: counts.values().map(|count| rarity(live, *count)).collect(),
            vocabulary: counts.keys().map(|word| word.as_str().into()).collect(),
            families,
            main_date,
        }
    }

    pub(super) fn search(&self, schemes: &[Scheme], text: &str, most: usize) -> Found {
        let mut query = names::of_query(text);
        if let [word] = query.words.as_slice()
            && let Ok(code) = word.parse().map(SchemeCode)
            && schemes.binary_search_by_key(&code, |s| s.code).is_ok()
        {
            return Found::One(code);
        }
        let is_number = |word: &String| word.bytes().all(|b| b.is_ascii_digit());
        if query.words.iter().all(is_number) {
            return Found::Nothing;
        }
        // A number no fund has is an amount or a date beside the name.
        query
            .words
            .retain(|word| !is_number(word) || self.find(word).is_some());
        let matched: Vec<Matched> = query.words.iter().flat_map(|w| self.matches(w)).collect();
        if matched.is_empty() || most == 0 {
            return Found::Nothing;
        }
        let mut hits = self.hits(&matched, true);
        if !hits.iter().any(|hit| hit.full) && matched.len() >= 2 {
            let mut dead = self.hits(&matched, false);
            dead.retain(|hit| hit.full && hit.quality > TYPO);
            if !dead.is_empty() {
                hits = dead;
            }
        }
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.family.cmp(&b.family)));
        if let Some(hit) = Self::clear(&hits) {
            return Found::One(self.member(schemes, hit, &query));
        }
        let codes: Vec<SchemeCode> = hits
            .into_iter()
            .take(most)
            .map(|hit| self.member(schemes, hit, &query))
            .collect();
        if codes.is_empty() {
            Found::Nothing
        } else {
            Found::Several(codes)
        }
    }

    /// Returns the one family that has every word of the question as well as any other
    /// has: the only one, or the only one whose name says nothing more.
    fn clear(hits: &[Hit]) -> Option<Hit> {
        let full = || hits.iter().filter(|hit| hit.full);
        let best = full().map(|hit| hit.quality).fold(0.0, f32::max);
        let near: Vec<&Hit> = full().filter(|hit| hit.quality > best - 0.02).collect();
        if let [only] = near.as_slice() {
            return Some(**only);
        }
        let mut exact: Vec<_> = near.into_iter().filter(|hit| hit.extra.0 == 0).collect();
        exact.sort_by_key(|hit| hit.extra.1);
        match exact.as_slice() {
            [only] => Some(**only),
            [first, second, ..] if first.extra.1 < second.extra.1 => Some(**first),
            _ => None,
        }
    }

    /// Matches one word; a word nobody knows may be two run together.
    fn matches(&self, word: &str) -> Vec<Matched> {
        let one = self.matched(word);
        if one.weight < UNKNOWN_WORD || one.quality.iter().any(|q| *q > 0.0) {
            return vec![one];
        }
        let halves = (3..word.len().saturating_sub(2))
            .filter(|at| word.is_char_boundary(*at))
            .map(|at| word.split_at(at))
            .find(|(a, b)| self.find(a).is_some() && self.find(b).is_some());
        if let Some((a, b)) = halves {
            return vec![self.matched(a), self.matched(b)];
        }
        // `midcp`: a slip in two words that are mostly written as one.
        let mut stems = names::BEFORE_CAP.iter();
        match stems.find(|stem| is_slip(word, &format!("{stem}cap"))) {
            Some(stem) => vec![self.matched(stem), self.matched("cap")],
            None => vec![one],
        }
    }

    fn find(&self, word: &str) -> Option<usize> {
        self.vocabulary.binary_search_by(|w| (**w).cmp(word)).ok()
    }

    fn matched(&self, word: &str) -> Matched {
        let mut quality = vec![0.0_f32; self.vocabulary.len()];
        let mut any = false;
        let numeric = word.bytes().all(|b| b.is_ascii_digit());
        if let Some(at) = self.find(word) {
            quality[at] = 1.0;
            any = true;
        }
        if word.chars().count() >= 3 && !numeric {
            let start = self.vocabulary.partition_point(|w| **w < *word);
            for (at, other) in self.vocabulary.iter().enumerate().skip(start) {
                if !other.starts_with(word) {
                    break;
                }
                quality[at] = quality[at].max(PREFIX);
                any = true;
            }
        }
        if !any && !numeric {
            for (at, other) in self.vocabulary.iter().enumerate() {
                if is_slip(word, other) {
                    quality[at] = TYPO;
                    any = true;
                }
            }
        }
        let weights = quality.iter().zip(&self.weights);
        let weight = weights
            .filter(|(quality, _)| **quality > 0.0)
            .map(|(quality, weight)| quality * weight)
            .fold(0.0, f32::max);
        Matched {
            weight: if any { weight } else { UNKNOWN_WORD },
            quality,
        }
    }

    fn hits(&self, matched: &[Matched], live: bool) -> Vec<Hit> {
        let all: f32 = matched.iter().map(|m| m.weight).sum();
        let mut named = vec![false; self.families.len()];
        for word in matched {
            let words = word.quality.iter().zip(&self.having);
            for family in words
                .filter(|(quality, _)| **quality > 0.0)
                .flat_map(|(_, of)| of)
            {
                named[usize::from(*family)] = true;
            }
        }
        let families = self.families.iter().enumerate();
        families
            .filter(|(at, family)| named[*at] && family.live == live)
            .filter_map(|(at, family)| self.hit(at, family, matched, all))
            .collect()
    }

    fn hit(&self, at: usize, family: &Family, matched: &[Matched], all: f32) -> Option<Hit> {
        let (mut have, mut likeness, mut count) = (0.0, 0.0, 0_u8);
        let mut asked = [false; 64];
        for word in matched {
            let mut best = 0.0_f32;
            for id in &*family.words {
                best = best.max(word.quality[usize::from(*id)]);
            }
            if best > 0.0 {
                have += word.weight;
                likeness += best;
                count += 1;
                for (place, id) in family.words.iter().enumerate().take(asked.len()) {
                    asked[place] |= word.quality[usize::from(*id)] >= best;
                }
            }
        }
        if have < all * ENOUGH || count == 0 {
            return None;
        }
        let quality = likeness / f32::from(count);
        let mut extra = (0, 0);
        let mut extra_weight = 0.0;
        for (place, id) in family
            .words
            .iter()
            .enumerate()
            .take(usize::from(family.own))
        {
            let id = usize::from(*id);
            if asked.get(place).copied().unwrap_or(false) {
                continue;
            }
            if SOFT.contains(&&*self.vocabulary[id]) {
                extra.1 += 1;
                extra_weight += 0.1;
            } else {
                extra.0 += 1;
                extra_weight += self.weights[id];
            }
        }
        Some(Hit {
            family: at,
            score: have * quality - (all - have) - 0.15 * extra_weight,
            quality,
            full: usize::from(count) == matched.len(),
            extra,
        })
    }

    /// Picks the scheme of a family: of these days, with the plan and option asked for,
    /// else Regular and Growth.
    fn member(&self, schemes: &[Scheme], hit: Hit, query: &Query) -> SchemeCode {
        let members = self.families[hit.family].members.iter();
        let members = members.map(|at| &schemes[usize::from(*at)]);
        let best = members.min_by_key(|s| {
            let behind = s
                .nav
                .map_or(i32::MAX, |nav| days_behind(self.main_date, nav.date));
            let text = s.option_text.to_lowercase();
            let lacks = query
                .option_words
                .iter()
                .filter(|w| !text.contains(w.as_str()));
            (
                behind > FRESH_DAYS,
                SIDE_OPTIONS.iter().any(|word| text.contains(word)),
                plan_distance(s.plan, query.plan),
                option_distance(s.option, query.option),
                lacks.count(),
                Reverse(s.nav.map(|nav| nav.date)),
                text.len(),
                s.code,
            )
        });
        best.expect("a family has members").code
    }
}

fn plan_distance(plan: Plan, asked: Option<Plan>) -> u8 {
    match (plan, asked.unwrap_or(Plan::Regular)) {
        (plan, asked) if plan == asked => 0,
        (Plan::Unknown, _) => 1,
        _ => 2,
    }
}

fn option_distance(option: OptionKind, asked: Option<OptionKind>) -> u8 {
    match (option, asked.unwrap_or(OptionKind::Growth)) {
        (option, asked) if option == asked => 0,
        (OptionKind::Other, _) => 1,
        (OptionKind::Bonus, _) => 2,
        _ => 3,
    }
}

fn days_behind(main: Option<Date>, date: Date) -> i32 {
    main.map_or(0, |main| (main - date).get_days())
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few thousand")]
fn rarity(families: usize, count: u32) -> f32 {
    (1.0 + families as f32 / (count as f32 + 1.0)).ln()
}
