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

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

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
        133_015 => later(5 * MINUTE),
        134_101 => later(10 * MINUTE),
        132_069 => later(HOUR),
        133_016 => later(72 * HOUR),
        // 131049 is withheld for the person's sake: a retry, however late, makes it worse.
        130_472 | 130_501 | 131_026 | 131_049 | 131_050 => Class::Never,
        code if asks_for_a_person(code) => Class::Halt,
        code if asks_for_another_message(code) => Class::Change,
        _ => Class::Unlisted,
    }
}

/// Returns whether an error stops everything that is sent, not only from one number:
/// the token, the account or its payment is at fault.
pub fn stops_everything(code: i64) -> bool {
    matches!(code, 0 | 190 | 368 | 131_031 | 131_042)
}

const fn later(seconds: u64) -> Class {
    Class::Later(Some(Duration::from_secs(seconds)))
}

fn asks_for_a_person(code: i64) -> bool {
    matches!(
        code,
        0 | 3
            | 10
            | 33
            | 102
            | 104
            | 190
            | 200..=299
            | 368
            | 130_497
            | 131_005
            | 131_030
            | 131_031
            | 131_037
            | 131_042
            | 131_044
            | 131_045
            | 131_048
            | 131_064
            | 132_007
            | 132_015
            | 132_016
            | 132_068
            | 133_000
            | 133_005
            | 133_006
            | 133_010
            | 134_011
            | 134_102
            | 136_024
            | 139_000..=139_004
            | 139_006
            | 147_001..=147_005
            | 2_388_001
            | 2_388_012
            | 2_388_019
            | 2_388_091
            | 2_388_093
            | 2_388_103
            | 2_494_191
            | 2_593_079
            | 2_593_085
            | 2_593_107..=2_593_109
    )
}

fn asks_for_another_message(code: i64) -> bool {
    matches!(
        code,
        100 | 130_403
            | 131_008
            | 131_009
            | 131_020
            | 131_021
            | 131_041
            | 131_047
            | 131_051
            | 131_052
            | 131_055
            | 131_059
            | 131_062
            | 131_063
            | 131_201..=131_215
            | 132_000
            | 132_001
            | 132_005
            | 132_008
            | 132_012
            | 132_018
            | 134_100
            | 135_000
            | 137_000
            | 139_100..=139_102
            | 139_200
            | 2_388_039
            | 2_388_040
            | 2_388_047
            | 2_388_072
            | 2_388_073
            | 2_388_293
            | 2_388_299
            | 2_388_318
            | 2_388_330
    )
}

/// Returns whether a code that needs a person concerns the whole number or account
/// (token, permission, restriction, payment), so that no other message would do better.
pub fn stops_the_number(code: i64) -> bool {
    matches!(
        code,
        0 | 3 | 10 | 33 | 102 | 104 | 190 | 200
            ..=299 | 368 | 131_005 | 131_031 | 131_037 | 131_042 | 131_044 | 131_045 | 133_010
    )
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use super::*;

    /// Every code of Meta's table, by the letter of its class.
    fn table() -> Vec<(char, &'static [RangeInclusive<i64>])> {
        vec![
            (
                'R',
                &[
                    4..=4,
                    613..=613,
                    80007..=80007,
                    130_429..=130_429,
                    131_053..=131_053,
                    131_056..=131_056,
                    139_103..=139_103,
                    2_494_055..=2_494_055,
                ],
            ),
            (
                'U',
                &[
                    1..=1,
                    2..=2,
                    131_000..=131_000,
                    131_016..=131_016,
                    131_057..=131_057,
                    133_004..=133_004,
                    2_494_100..=2_494_100,
                ],
            ),
            (
                'T',
                &[
                    100..=100,
                    130_403..=130_403,
                    131_008..=131_008,
                    131_009..=131_009,
                    131_020..=131_020,
                    131_041..=131_041,
                    131_059..=131_059,
                    131_201..=131_215,
                    131_021..=131_021,
                    131_047..=131_047,
                    131_051..=131_051,
                    131_052..=131_052,
                    131_055..=131_055,
                    131_062..=131_062,
                    131_063..=131_063,
                    132_000..=132_000,
                    132_001..=132_001,
                    132_005..=132_005,
                    132_008..=132_008,
                    132_012..=132_012,
                    132_018..=132_018,
                    134_100..=134_100,
                    135_000..=135_000,
                    137_000..=137_000,
                    139_100..=139_102,
                    139_200..=139_200,
                    2_388_039..=2_388_039,
                    2_388_040..=2_388_040,
                    2_388_047..=2_388_047,
                    2_388_072..=2_388_072,
                    2_388_073..=2_388_073,
                    2_388_293..=2_388_293,
                    2_388_299..=2_388_299,
                    2_388_318..=2_388_318,
                    2_388_330..=2_388_330,
                ],
            ),
            (
                'H',
                &[
                    0..=0,
                    3..=3,
                    10..=10,
                    33..=33,
                    102..=102,
                    104..=104,
                    190..=190,
                    200..=299,
                    368..=368,
                    130_497..=130_497,
                    131_005..=131_005,
                    131_030..=131_030,
                    131_031..=131_031,
                    131_037..=131_037,
                    131_042..=131_042,
                    131_044..=131_044,
                    131_045..=131_045,
                    131_048..=131_048,
                    131_064..=131_064,
                    132_007..=132_007,
                    132_015..=132_015,
                    132_016..=132_016,
                    132_068..=132_068,
                    133_000..=133_000,
                    133_005..=133_005,
                    133_006..=133_006,
                    133_010..=133_010,
                    134_011..=134_011,
                    134_102..=134_102,
                    136_024..=136_024,
                    139_000..=139_004,
                    139_006..=139_006,
                    147_001..=147_005,
                    2_388_001..=2_388_001,
                    2_388_012..=2_388_012,
                    2_388_091..=2_388_091,
                    2_388_093..=2_388_093,
                    2_388_103..=2_388_103,
                    2_388_019..=2_388_019,
                    2_494_191..=2_494_191,
                    2_593_079..=2_593_079,
                    2_593_085..=2_593_085,
                    2_593_107..=2_593_109,
                ],
            ),
            (
                'L',
                &[
                    131_014..=131_014,
                    132_069..=132_069,
                    133_008..=133_008,
                    133_009..=133_009,
                    133_015..=133_015,
                    133_016..=133_016,
                    134_101..=134_101,
                ],
            ),
            (
                'N',
                &[
                    130_472..=130_472,
                    130_501..=130_501,
                    131_026..=131_026,
                    131_049..=131_049,
                    131_050..=131_050,
                ],
            ),
            ('-', &[138_000..=138_018, 200_005..=200_007]),
        ]
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
        for (expected, ranges) in table() {
            for code in ranges.iter().cloned().flatten() {
                assert_eq!(letter(class(code)), expected, "code {code}");
                listed += usize::from(expected != '-');
            }
        }
        let classed = (-1..3_000_000).filter(|code| class(*code) != Class::Unlisted);
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
        for (code, minutes) in [(133_015, 5), (134_101, 10), (132_069, 60), (133_016, 4320)] {
            assert_eq!(class(code), later(minutes * MINUTE));
        }
    }

    #[test]
    fn what_stops_everything_also_halts() {
        let all = (0..200_000).filter(|code| stops_everything(*code));
        assert!(all.clone().all(|code| class(code) == Class::Halt));
        assert_eq!(all.count(), 5);
    }
}
