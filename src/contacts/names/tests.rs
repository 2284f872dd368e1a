use super::*;

const P: Blind = [1; 16];
const Q: Blind = [2; 16];
const U: Blind = [11; 16];
const V: Blind = [12; 16];

fn pair(user: Blind, number: Blind, at: i64) -> Pair {
    Pair { user, number, at }
}

fn moved(from: Blind, to: Blind, at: i64) -> Change {
    Change {
        old_number: Some(from),
        new_number: Some(to),
        at,
        ..Change::default()
    }
}

fn evidence(pairs: &[Pair], changes: &[Change]) -> Evidence {
    let mut evidence = Evidence {
        pairs: pairs.to_vec(),
        changes: changes.to_vec(),
        ..Evidence::default()
    };
    evidence.spread();
    evidence
}

/// Returns whether two names were one person's at their times.
fn same(evidence: &Evidence, one: (Blind, i64), other: (Blind, i64)) -> bool {
    let (one, other) = (
        evidence.span_at(one.0, one.1),
        evidence.span_at(other.0, other.1),
    );
    let people = evidence.people();
    let mut people = people.iter();
    people.any(|spans| spans.contains(&one) && spans.contains(&other))
}

#[test]
fn two_names_seen_together_are_one_person_from_before_they_were() {
    let known = evidence(&[pair(U, P, 5)], &[]);
    assert!(same(&known, (P, 1), (U, 9)) && same(&known, (P, 9), (U, 1)));
}

#[test]
fn a_number_seen_with_another_user_id_is_theirs_from_then_on() {
    for pairs in [
        [pair(U, P, 2), pair(V, P, 5)],
        [pair(V, P, 5), pair(U, P, 2)],
    ] {
        let known = evidence(&pairs, &[]);
        assert!(same(&known, (P, 4), (U, 0)) && same(&known, (P, 5), (V, 0)));
        assert!(!same(&known, (U, 0), (V, 0)));
        let now = known.span_at(P, 9);
        assert!(known.is_now(&now) && known.is_taken_over(&now));
    }
}

#[test]
fn whoever_changes_their_number_leaves_the_old_one_to_others() {
    let known = evidence(&[], &[moved(P, Q, 3)]);
    assert!(same(&known, (P, 3), (Q, 3)), "at that very moment, too");
    assert!(!same(&known, (P, 4), (Q, 9)));
    let back = evidence(&[], &[moved(P, Q, 3), moved(Q, P, 7)]);
    assert!(same(&back, (P, 1), (Q, 5)) && same(&back, (P, 1), (P, 8)));
    assert!(!same(&back, (P, 1), (P, 5)) || !same(&back, (P, 5), (Q, 9)));
}

#[test]
fn a_number_that_somebody_wrote_from_is_not_given_away() {
    let mut written = moved(P, Q, 3);
    written.was_written_under = true;
    let known = evidence(&[], &[written.clone()]);
    assert!(!same(&known, (P, 1), (Q, 9)) && same(&known, (Q, 1), (Q, 9)));
    // Until their user id says otherwise.
    let known = evidence(&[pair(U, P, 1), pair(U, Q, 5)], &[written]);
    assert!(same(&known, (P, 1), (Q, 5)) && !same(&known, (Q, 1), (Q, 5)));
    let seen = evidence(&[pair(V, Q, 2)], &[moved(P, Q, 3)]);
    assert!(!same(&seen, (P, 1), (V, 0)) && same(&seen, (Q, 9), (V, 0)));
}

#[test]
fn a_user_id_that_replaces_another_is_the_same_person_and_the_old_one_is_history() {
    let change = Change {
        old_user: Some(U),
        new_user: Some(V),
        at: 3,
        ..Change::default()
    };
    let known = evidence(&[pair(U, P, 1), pair(V, P, 4)], &[change]);
    assert!(same(&known, (U, 0), (V, 0)) && same(&known, (P, 1), (P, 9)));
    assert!(!known.is_now(&known.span_at(U, 0)) && known.is_now(&known.span_at(V, 0)));
}

#[test]
fn the_contact_of_a_number_is_who_somebody_is_and_of_these_the_oldest() {
    let known = evidence(&[pair(U, P, 5), pair(U, Q, 6)], &[]);
    let born = |contact: &str, name, at| Born {
        contact: contact.to_owned(),
        name,
        at,
    };
    let all = [
        born("con_1", U, 1),
        born("con_3", P, 2),
        born("con_2", Q, 3),
    ];
    let people = known.people();
    let contacts = contacts_of(&people[0], &all).into_iter();
    let contacts: Vec<_> = contacts.map(|one| one.contact.as_str()).collect();
    assert_eq!(contacts, ["con_2", "con_3", "con_1"]);
}
