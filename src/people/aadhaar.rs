//! Aadhaar numbers are never kept. What somebody sends anyway is masked before it goes
//! anywhere.

/// Verhoeff's dihedral group, row by row.
const MULTIPLY: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];

/// What a digit becomes by its place, from the right.
const PERMUTE: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

/// Returns whether twelve digits are an Aadhaar number: the first is 2 to 9, the last a
/// check digit of Verhoeff's.
fn is_aadhaar(digits: &[u8]) -> bool {
    let check = |sum: u8, (at, digit): (usize, &u8)| {
        MULTIPLY[usize::from(sum)][usize::from(PERMUTE[at % 8][usize::from(*digit)])]
    };
    digits.len() == 12 && digits[0] >= 2 && digits.iter().rev().enumerate().fold(0, check) == 0
}

/// Returns `text` with every Aadhaar number in it as `XXXX XXXX 1234`, or nothing if it
/// holds none. Digits may stand together or in groups, with spaces, hyphens or dots.
///
/// A number of another kind that happens to pass the check digit is masked as well:
/// one in ten of twelve digits, and the price of never keeping a real one.
pub fn mask_aadhaar(text: &str) -> Option<String> {
    let mut masked = String::with_capacity(text.len());
    let mut found = false;
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        masked.push_str(&rest[..start]);
        let run = digits_from(&rest[start..]);
        if is_aadhaar(&run.digits) {
            found = true;
            masked.push_str("XXXX XXXX ");
            for digit in &run.digits[8..] {
                masked.push(char::from(b'0' + digit));
            }
        } else {
            masked.push_str(&rest[start..start + run.length]);
        }
        rest = &rest[start + run.length..];
    }
    masked.push_str(rest);
    found.then_some(masked)
}

struct Run {
    digits: Vec<u8>,
    /// Bytes from the first digit to after the last.
    length: usize,
}

/// Reads digits with at most one separator between two of them.
fn digits_from(text: &str) -> Run {
    let mut run = Run {
        digits: Vec::new(),
        length: 0,
    };
    let mut separated = false;
    for (at, c) in text.char_indices() {
        if let Some(digit) = c.to_digit(10) {
            run.digits.push(u8::try_from(digit).unwrap_or(0));
            run.length = at + 1;
            separated = false;
        } else if " -.".contains(c) && !separated {
            separated = true;
        } else {
            break;
        }
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The number UIDAI prints on its specimen cards, with its check digit.
    const SPECIMEN: &str = "999941057058";

    #[test]
    fn an_aadhaar_number_is_masked_however_it_is_written() {
        for text in [
            "999941057058",
            "9999 4105 7058",
            "9999-4105-7058",
            "my no is 9999 4105 7058.",
        ] {
            let masked = mask_aadhaar(text).unwrap();
            assert!(masked.contains("XXXX XXXX 7058"), "{masked}");
            assert!(
                !masked.contains("9999") && !masked.contains("4105"),
                "{masked}"
            );
        }
    }

    #[test]
    fn numbers_of_other_kinds_stay() {
        for text in [
            "999941057059",
            "5000",
            "98765 43210",
            "199941057058",
            "₹1,00,000 on 5th",
            "",
            "9999410570581",
        ] {
            assert_eq!(mask_aadhaar(text), None, "{text}");
        }
    }

    proptest! {
        /// Verhoeff's law: it catches each wrong digit and each swap of neighbours.
        #[test]
        fn one_wrong_digit_or_a_swap_is_no_aadhaar(at in 1_usize..12, add in 1_u8..10) {
            let digits: Vec<u8> = SPECIMEN.bytes().map(|b| b - b'0').collect();
            let mut wrong = digits.clone();
            wrong[at] = (wrong[at] + add) % 10;
            prop_assert!(!is_aadhaar(&wrong));
            let mut swapped = digits.clone();
            swapped.swap(at - 1, at);
            prop_assert!(swapped == digits || !is_aadhaar(&swapped));
        }
    }
}
