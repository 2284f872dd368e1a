//! Numbers that are dialled in one way and written by Meta in another.
//!
//! A mobile in Brazil has a 9 after the area that Meta may leave out, one in Mexico a 1 after
//! the country that Meta may write; a bot learns it from `wa_id` in the answer to a send.

/// Digits of a country code, here.
const COUNTRY: usize = 2;
const BRAZIL: &str = "55";
/// Digits of Brazil's country code and an area.
const AREA: usize = 4;

/// Returns a number with a 1 after the country, as Mexico's have it.
pub(crate) fn with_a_one(number: &str) -> String {
    let (country, rest) = number.split_at(number.len().min(COUNTRY));
    format!("{country}1{rest}")
}

/// Returns how else a number may be written.
pub(crate) fn other_ways(number: &str) -> Vec<String> {
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || number.len() <= AREA {
        return Vec::new();
    }
    let mut ways = vec![with_a_one(number)];
    let (country, rest) = number.split_at(COUNTRY);
    ways.extend(
        rest.strip_prefix('1')
            .map(|rest| format!("{country}{rest}")),
    );
    if country == BRAZIL {
        let (area, rest) = number.split_at(AREA);
        ways.extend(match (rest.len(), rest.strip_prefix('9')) {
            (9, Some(rest)) => Some(format!("{area}{rest}")),
            (8, _) => Some(format!("{area}9{rest}")),
            _ => None,
        });
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_write_a_number_leads_to_the_other() {
        for (one, other) in [
            ("5511987654321", "551187654321"),
            ("5215512345678", "525512345678"),
            ("919000000000", "9119000000000"),
        ] {
            assert!(other_ways(one).contains(&other.to_owned()), "{one}");
            assert!(other_ways(other).contains(&one.to_owned()), "{other}");
        }
        assert!(!other_ways("919000000000").contains(&"91000000000".to_owned()));
    }
}
