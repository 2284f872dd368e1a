//! Who is behind a name at a time of Meta's.
//!
//! A user id is one person for ever. A number is one person's until Meta says that they
//! left it, or until it is seen with another user id. What is known (which names were seen
//! together, and who changed theirs) is kept as it came; who is whom follows from all of
//! it, and so from nothing that depends on the order it came in.

use std::collections::{BTreeMap, BTreeSet};

/// The keyed hash of a name.
pub(super) type Blind = [u8; 16];

/// Before anything.
pub(super) const EVER: i64 = -1_000_000_000_000_000;
/// After everything.
pub(super) const FOREVER: i64 = i64::MAX;

/// A user id and a number that were seen together, and when first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) user: Blind,
    pub(super) number: Blind,
    pub(super) at: i64,
}

/// Somebody's names until a time and from then on. With nothing but a new number it only
/// says that there is somebody by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) id: String,
    pub(super) old_number: Option<Blind>,
    pub(super) old_user: Option<Blind>,
    pub(super) new_number: Option<Blind>,
    pub(super) new_user: Option<Blind>,
    pub(super) at: i64,
    /// Whether somebody wrote under the new number before, since anybody left it.
    pub(super) was_written_under: bool,
    /// The contact that is doubted for it.
    pub(super) doubted: Option<String>,
}

impl Change {
    /// Returns the number that was left.
    fn left(&self) -> Option<Blind> {
        let moves = self.new_number.is_some() && self.new_number != self.old_number;
        self.old_number.filter(|_| moves)
    }

    /// Returns the number that somebody came to.
    pub(super) fn came_to(&self) -> Option<Blind> {
        self.new_number.filter(|new| self.old_number != Some(*new))
    }

    /// Returns whether it only says that a number is known.
    pub(super) fn is_acquaintance(&self) -> bool {
        self.old_number.is_none() && self.old_user.is_none()
    }

    /// What tells it from others of the same time, whenever they came.
    fn order(&self) -> (i64, Option<Blind>, Option<Blind>) {
        (self.at, self.old_number, self.old_user)
    }

    fn names(&self) -> impl Iterator<Item = (Blind, bool)> {
        let numbers = [self.old_number, self.new_number].into_iter().flatten();
        let users = [self.old_user, self.new_user].into_iter().flatten();
        let numbers = numbers.map(|name| (name, true));
        numbers.chain(users.map(|name| (name, false)))
    }
}

/// A name for as long as it is one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Span {
    pub(super) name: Blind,
    pub(super) since: i64,
    /// The first moment it is not theirs any more.
    pub(super) until: i64,
    pub(super) is_number: bool,
}

impl Span {
    fn of_user(name: Blind) -> Self {
        Self {
            name,
            since: EVER,
            until: FOREVER,
            is_number: false,
        }
    }

    /// Returns whether a time is in it.
    pub(super) fn holds(&self, at: i64) -> bool {
        (self.since..self.until).contains(&at)
    }
}

/// All that is known of some names.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    pub(super) pairs: Vec<Pair>,
    pub(super) changes: Vec<Change>,
    /// Each name, and whether it is a number.
    pub(super) names: BTreeMap<Blind, bool>,
}

impl Evidence {
    /// Adds the names that what is known leads to; returns those that are new.
    pub(super) fn spread(&mut self) -> Vec<Blind> {
        let pairs = self
            .pairs
            .iter()
            .flat_map(|pair| [(pair.user, false), (pair.number, true)]);
        let changes = self.changes.iter().flat_map(Change::names);
        let mut found = Vec::new();
        for (name, is_number) in pairs.chain(changes).collect::<Vec<_>>() {
            if self.names.insert(name, is_number).is_none() {
                found.push(name);
            }
        }
        found
    }

    /// Returns since when a number has not been left, at a time.
    pub(super) fn free_since(&self, number: Blind, at: i64) -> i64 {
        let left = self.departures(number);
        left.filter(|start| *start <= at).max().unwrap_or(EVER)
    }

    /// When a number was free again, each time.
    fn departures(&self, number: Blind) -> impl Iterator<Item = i64> {
        let left = self.changes.iter();
        // Who writes under the old number at that very moment has not left it.
        left.filter(move |change| change.left() == Some(number))
            .map(|change| change.at.saturating_add(1))
    }

    /// Returns whether the number somebody came to was somebody's already. Then it stays
    /// theirs until their user id says otherwise.
    pub(super) fn is_contested(&self, change: &Change) -> bool {
        let Some(number) = change.came_to() else {
            return false;
        };
        let start = self.free_since(number, change.at);
        let seen = |pair: &Pair| pair.number == number && (start..change.at).contains(&pair.at);
        let came = |other: &Change| {
            other.came_to() == Some(number) && other.at >= start && other.order() < change.order()
        };
        change.was_written_under || self.pairs.iter().any(seen) || self.changes.iter().any(came)
    }

    /// Returns the spans of a number, and the user id that each belongs to.
    fn spans_of(&self, number: Blind) -> Vec<(Span, Option<Blind>)> {
        let mut starts: BTreeSet<i64> = self.departures(number).collect();
        starts.insert(EVER);
        let starts: Vec<i64> = starts.into_iter().collect();
        let mut spans = Vec::new();
        for (at, start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).copied().unwrap_or(FOREVER);
            self.add_spans(number, (*start, end), &mut spans);
        }
        spans
    }

    /// Adds the spans of a number between two departures.
    fn add_spans(
        &self,
        number: Blind,
        (start, end): (i64, i64),
        spans: &mut Vec<(Span, Option<Blind>)>,
    ) {
        let mut pairs: Vec<&Pair> = self.pairs.iter().collect();
        pairs.retain(|pair| pair.number == number && (start..end).contains(&pair.at));
        pairs.sort_unstable_by_key(|pair| (pair.at, pair.user));
        let contested = self.changes.iter().filter(|change| {
            let is_here = change.came_to() == Some(number) && (start..end).contains(&change.at);
            is_here && !change.is_acquaintance() && self.is_contested(change)
        });
        let contested = contested.map(|change| change.at).min().unwrap_or(FOREVER);
        // Whoever is first seen with a number had it before they were, unless somebody
        // came to it in between.
        let mut starts: Vec<(i64, Option<Blind>)> = Vec::with_capacity(pairs.len() + 1);
        match pairs.first() {
            Some(first) if first.at < contested => starts.push((start, Some(first.user))),
            Some(first) => starts.extend([(start, None), (first.at, Some(first.user))]),
            None => starts.push((start, None)),
        }
        starts.extend(pairs.iter().skip(1).map(|pair| (pair.at, Some(pair.user))));
        for (at, (since, user)) in starts.iter().enumerate() {
            let until = starts.get(at + 1).map_or(end, |(next, _)| *next);
            let span = Span {
                name: number,
                since: *since,
                until,
                is_number: true,
            };
            if *since < until {
                spans.push((span, *user));
            }
        }
    }

    /// Returns the span of a name that a time is in.
    pub(super) fn span_at(&self, name: Blind, at: i64) -> Span {
        if !self.names.get(&name).is_some_and(|is_number| *is_number) {
            return Span::of_user(name);
        }
        let mut spans = self.spans_of(name).into_iter().map(|(span, _)| span);
        let found = spans.find(|span| span.holds(at));
        found.unwrap_or_else(|| Span::of_user(name))
    }

    /// Returns since when a message under a name says nothing new of whose it is: who wrote
    /// before somebody came to a number may be another.
    pub(super) fn settled_since(&self, span: &Span) -> i64 {
        let came = self.changes.iter().filter(|change| {
            span.is_number && change.came_to() == Some(span.name) && span.holds(change.at)
        });
        let came = came.filter(|change| !change.is_acquaintance());
        let last = came.map(|change| change.at).max();
        last.unwrap_or(span.since).max(span.since)
    }

    /// Returns whether a name is somebody's now: it was not left, and no other came for it.
    pub(super) fn is_now(&self, span: &Span) -> bool {
        let replaced = |change: &Change| {
            let is_other = change.new_user.is_some() && change.new_user != change.old_user;
            !span.is_number && change.old_user == Some(span.name) && is_other
        };
        span.until == FOREVER && !self.changes.iter().any(replaced)
    }

    /// Returns when somebody said that there is somebody by a name, if anybody did.
    pub(super) fn acquainted_at(&self, span: &Span) -> Option<i64> {
        let names = |change: &&Change| {
            let name = if span.is_number {
                change.new_number
            } else {
                change.new_user
            };
            change.is_acquaintance() && name == Some(span.name) && span.holds(change.at)
        };
        let known = self.changes.iter().filter(names);
        known.map(|change| change.at).min()
    }

    /// Returns whether a span begins with another user id, and not because it was left.
    pub(super) fn is_taken_over(&self, span: &Span) -> bool {
        let begins = |pair: &Pair| pair.number == span.name && pair.at == span.since;
        span.is_number && self.pairs.iter().any(begins)
    }

    /// Returns when a name was last heard to be whose it is.
    pub(super) fn last_news(&self, span: &Span) -> i64 {
        let pairs = self.pairs.iter().filter(|pair| {
            let name = if span.is_number {
                pair.number
            } else {
                pair.user
            };
            name == span.name && span.holds(pair.at)
        });
        let changes = self.changes.iter().filter(|change| {
            let name = if span.is_number {
                change.came_to()
            } else {
                change.new_user
            };
            name == Some(span.name) && span.holds(change.at)
        });
        let times = pairs.map(|pair| pair.at);
        let times = times.chain(changes.map(|change| change.at));
        times.max().unwrap_or(EVER)
    }

    /// Returns who a change is about, by the names so far.
    pub(super) fn mover(&self, change: &Change) -> Option<Span> {
        let user = change.old_user.map(Span::of_user);
        user.or_else(|| Some(self.span_at(change.old_number?, change.at)))
    }

    /// Returns who is whom: for each person the names that are theirs, and how long.
    pub(super) fn people(&self) -> Vec<Vec<Span>> {
        let mut people = People::default();
        for (name, is_number) in &self.names {
            if !is_number {
                people.add(Span::of_user(*name));
                continue;
            }
            for (span, user) in self.spans_of(*name) {
                people.add(span);
                if let Some(user) = user {
                    people.join(span, Span::of_user(user));
                }
            }
        }
        for change in &self.changes {
            let Some(mover) = self.mover(change) else {
                continue;
            };
            if let Some(user) = change.new_user {
                people.join(mover, Span::of_user(user));
            }
            if let Some(number) = change.came_to()
                && !self.is_contested(change)
            {
                people.join(mover, self.span_at(number, change.at));
            }
        }
        people.groups()
    }
}

/// Spans, each in the set of a person.
#[derive(Default)]
struct People {
    parents: BTreeMap<Span, Span>,
}

impl People {
    fn add(&mut self, span: Span) {
        self.parents.entry(span).or_insert(span);
    }

    fn root(&self, span: Span) -> Span {
        match self.parents.get(&span) {
            Some(parent) if *parent != span => self.root(*parent),
            _ => span,
        }
    }

    fn join(&mut self, one: Span, other: Span) {
        self.add(one);
        self.add(other);
        let (one, other) = (self.root(one), self.root(other));
        self.parents.insert(one.max(other), one.min(other));
    }

    fn groups(&self) -> Vec<Vec<Span>> {
        let mut groups: BTreeMap<Span, Vec<Span>> = BTreeMap::new();
        for span in self.parents.keys() {
            groups.entry(self.root(*span)).or_default().push(*span);
        }
        groups.into_values().collect()
    }
}

/// A contact, by the name it was first known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Born {
    pub(super) contact: String,
    pub(super) name: Blind,
    pub(super) at: i64,
}

/// Returns the contacts of a person. The first is theirs: that of a number, which is the
/// one holdings are bound to, before others, and of these the oldest. The rest prove to be
/// the same person.
pub(super) fn contacts_of<'a>(spans: &[Span], born: &'a [Born]) -> Vec<&'a Born> {
    let span = |one: &Born| {
        let mut spans = spans.iter();
        spans.find(|span| span.name == one.name && span.holds(one.at))
    };
    let mut theirs: Vec<(bool, &Born)> = born
        .iter()
        .filter_map(|one| Some((!span(one)?.is_number, one)))
        .collect();
    theirs.sort_by(|a, b| (a.0, &a.1.contact).cmp(&(b.0, &b.1.contact)));
    theirs.into_iter().map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests;
