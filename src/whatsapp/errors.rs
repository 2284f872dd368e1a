//! What Meta's error codes mean for a message that was to be sent.
//!
//! Codes decide, never HTTP statuses or titles. The table follows
//! <https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes>.

use std::time::Duration;

/// Whose limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The number of ours.
    Number,
    /// The whole WhatsApp Business account.
    Account,
    /// Our number towards this one person.
    Pair,
}

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Was not sent: repeat once the limit has room again.
    Throttled(Scope),
    /// Was not sent: repeat.
    Repeat,
    /// May have been sent all the same.
    MaybeSent,
    /// Repeat after this long; `None`, where Meta states no time.
    Later(Option<Duration>),
    /// Not in this form: change the message or its route.
    Change,
    /// Pause: a person has to change something.
    Halt,
    /// Never.
    Never,
    /// Not in the table, or in it without a class.
    Unlisted,
}

/// Returns what a Graph error code asks for.
pub fn class(code: i64) -> Class {
    match code {
        4 | 613 | 80007 => Class::Throttled(Scope::Account),
        // The second is documented as a subcode of the first and seen in its place.
        130_429 | 2_494_055 => Class::Throttled(Scope::Number),
        131_056 => Class::Throttled(Scope::Pair),
        // Media that could not be fetched this time; the sender's tries are counted.
        131_053 | 139_103 => Class::Repeat,
        1 | 2 | 131_000 | 131_016 | 131_057 | 133_004 | 2_494_100 => Class::MaybeSent,
        131_014 | 133_008 | 133_009 => Class::Later(None),
        133_015 => later(5),
        134_101 => later(10),
        133_016 => later(72 * 60),
        // 131049 is withheld for the person's sake: a retry, however late, makes it worse.
        130_472 | 130_501 | 131_026 | 131_049 | 131_050 => Class::Never,
        code if asks_for_a_person(code) => Class::Halt,
        code if asks_for_another_message(code) => Class::Change,
        _ => Class::Unlisted,
    }
}

/// Returns whether a message was refused because whoever it is to stopped marketing in
/// WhatsApp.
pub fn has_stopped_marketing(code: i64) -> bool {
    code == 131_050
}

/// Returns whether an error is of the message and tried again a few times at most.
pub fn is_tried_a_few_times(code: i64) -> bool {
    matches!(class(code), Class::Repeat | Class::Later(Some(_)))
}

/// Meta's word that whoever a message is to has not written for a day.
pub const WINDOW_CLOSED: i64 = 131_047;

/// Meta's word that it does not reach whoever a message is to; it never says why.
pub const UNDELIVERABLE: i64 = 131_026;

/// Returns whether an error that needs a person concerns the whole number or account
/// (token, permission, restriction, payment), so that no other message would fare better.
pub fn stops_the_number(code: i64) -> bool {
    matches!(
        code,
        0 | 3 | 10 | 33 | 102 | 104 | 190 | 200
            ..=299 | 368 | 131_005 | 131_031 | 131_037 | 131_042 | 131_044 | 131_045 | 133_010
    )
}

/// Returns whether Meta limits what we send for what we sent before: people block or report
/// it, or it went out under the wrong category. To go on as before makes it worse.
pub fn asks_to_slow_down(code: i64) -> bool {
    matches!(code, 131_048 | 131_064)
}

/// Returns whether Meta is working on the number itself, as when it is upgraded: for some
/// minutes every message would fare the same.
pub fn is_under_maintenance(code: i64) -> bool {
    matches!(code, 131_057 | 2_494_100)
}

const fn later(minutes: u64) -> Class {
    Class::Later(Some(Duration::from_mins(minutes)))
}

const HALT: &[i64] = &[
    0, 3, 10, 33, 102, 104, 190, 368, 130_497, 131_005, 131_030, 131_031, 131_037, 131_042,
    131_044, 131_045, 131_048, 131_064, 132_007, 132_015, 132_016, 132_068, 133_000, 133_005,
    133_006, 133_010, 134_011, 134_102, 136_024, 139_006, 2_388_001, 2_388_012, 2_388_019,
    2_388_091, 2_388_093, 2_388_103, 2_494_191, 2_593_079, 2_593_085,
];

fn asks_for_a_person(code: i64) -> bool {
    HALT.contains(&code)
        || matches!(code, 200..=299 | 139_000..=139_004 | 147_001..=147_005 | 2_593_107..=2_593_109)
}

// 132069, a form that is held back, would go in an hour: whoever asked for it does not wait.
const CHANGE: &[i64] = &[
    100, 130_403, 131_008, 131_009, 131_020, 131_021, 131_041, 131_047, 131_051, 131_052, 131_055,
    131_059, 131_062, 131_063, 132_000, 132_001, 132_005, 132_008, 132_012, 132_018, 132_069,
    134_100, 135_000, 137_000, 139_200, 2_388_039, 2_388_040, 2_388_047, 2_388_072, 2_388_073,
    2_388_293, 2_388_299, 2_388_318, 2_388_330,
];

fn asks_for_another_message(code: i64) -> bool {
    CHANGE.contains(&code) || matches!(code, 131_201..=131_215 | 139_100..=139_102)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code of Meta's table, by the letter of its class.
    const TABLE: &[(char, &str)] = &[
        ('R', "4 613 80007 130429 131053 131056 139103 2494055"),
        ('U', "1 2 131000 131016 131057 133004 2494100"),
        (
            'T',
            "100 130403 131008 131009 131020 131041 131059 131201-131215 131021 131047 \
            131051 131052 131055 131062 131063 132000 132001 132005 132008 132012 132018 \
            132069 134100 135000 137000 139100-139102 139200 2388039 2388040 2388047 2388072 \
            2388073 2388293 2388299 2388318 2388330",
        ),
        (
            'H',
            "0 3 10 33 102 104 190 200-299 368 130497 131005 131030 131031 131037 131042 \
            131044 131045 131048 131064 132007 132015 132016 132068 133000 133005 133006 \
            133010 134011 134102 136024 139000-139004 139006 147001-147005 2388001 2388012 \
            2388091 2388093 2388103 2388019 2494191 2593079 2593085 2593107-2593109",
        ),
        ('L', "131014 133008 133009 133015 133016 134101"),
        ('N', "130472 130501 131026 131049 131050"),
        ('-', "138000-138018 200005-200007"),
    ];

    fn codes(listed: &str) -> impl Iterator<Item = i64> {
        listed.split(' ').flat_map(|codes| {
            let (from, to) = codes.split_once('-').unwrap_or((codes, codes));
            from.parse::<i64>().unwrap()..=to.parse().unwrap()
        })
    }

    fn letter(class: Class) -> char {
        match class {
            Class::Throttled(_) | Class::Repeat => 'R',
            Class::MaybeSent => 'U',
            Class::Change => 'T',
            Class::Halt => 'H',
            Class::Later(_) => 'L',
            Class::Never => 'N',
            Class::Unlisted => '-',
        }
    }

    #[test]
    fn every_code_has_the_class_of_the_table_and_no_other_code_has_one() {
        let mut listed = 0;
        for (expected, table) in TABLE {
            for code in codes(table) {
                assert_eq!(letter(class(code)), *expected, "code {code}");
                listed += usize::from(*expected != '-');
            }
        }
        let classed = (-1..300_000)
            .chain(2_300_000..2_600_000)
            .filter(|code| class(*code) != Class::Unlisted);
        assert_eq!(classed.count(), listed);
        for code in [i64::MIN, i64::MAX] {
            assert_eq!(class(code), Class::Unlisted);
        }
    }

    #[test]
    fn a_throttle_names_whose_limit_it_is() {
        for (code, scope) in [
            (4, Scope::Account),
            (80007, Scope::Account),
            (130_429, Scope::Number),
            (131_056, Scope::Pair),
        ] {
            assert_eq!(class(code), Class::Throttled(scope));
        }
    }

    #[test]
    fn stated_delays_are_kept() {
        for (code, minutes) in [(133_015, 5), (134_101, 10), (133_016, 4320)] {
            assert_eq!(class(code), later(minutes));
        }
    }

    #[test]
    fn what_stops_the_number_also_halts() {
        let all = (0..200_000).filter(|code| stops_the_number(*code));
        assert!(all.clone().all(|code| class(code) == Class::Halt));
        assert!(!stops_the_number(132_016), "one template is not the number");
    }
}
