//! Message ids that look like Meta's: `wamid.` and base64 of a small frame that holds
//! the other party's name and a random number.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::RngExt;
use rand::rngs::StdRng;

const BEFORE: [u8; 2] = [0x1c, 0x18];
const BETWEEN: [u8; 5] = [0x15, 0x02, 0x00, 0x11, 0x18];

/// Makes a new id for a message from or to `name`.
pub(crate) fn mint(name: &str, random: &mut StdRng) -> String {
    let mut frame = Vec::with_capacity(48);
    frame.extend_from_slice(&BEFORE);
    frame.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    frame.extend_from_slice(name.as_bytes());
    frame.extend_from_slice(&BETWEEN);
    let number: u128 = random.random();
    let digits = format!("{:020X}", number >> 48);
    frame.push(20);
    frame.extend_from_slice(digits.as_bytes());
    frame.push(0);
    format!("wamid.{}", STANDARD.encode(frame))
}

/// Returns the name of the other party, if the id is one of ours.
pub(crate) fn name(wamid: &str) -> Option<String> {
    let frame = STANDARD.decode(wamid.strip_prefix("wamid.")?).ok()?;
    let rest = frame.strip_prefix(&BEFORE)?;
    let (&length, rest) = rest.split_first()?;
    let name = rest.get(..usize::from(length))?;
    String::from_utf8(name.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn an_id_is_unique_and_tells_whose_it_is() {
        let mut random = StdRng::seed_from_u64(1);
        let one = mint("919000000000", &mut random);
        let two = mint("919000000000", &mut random);
        assert!(one.starts_with("wamid.HBgM") && one != two);
        assert_eq!(name(&one).as_deref(), Some("919000000000"));
        assert_eq!(name("wamid.abc"), None);
    }
}
