//! Figures that no tool has found, in all the ways a figure can be said.

/// A lie: the words, and the part of them that is not true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lie {
    /// What is said.
    pub text: String,
    /// The figure in it.
    pub figure: String,
}

/// Returns a lie; the same number always makes the same one. Some stand beside a figure
/// that is true.
pub fn lie(language: &str, number: usize, slots: &[String]) -> Lie {
    let figure = figure(language, number);
    let frames: &[&str] = match language {
        "hi" => &[
            "आपके पोर्टफोलियो का मूल्य {} है।",
            "आपका लाभ {} हुआ है, रिकॉर्ड में यही है।",
            "आपकी किस्त {} की है।",
            "यह {} को जमा हुआ था।",
        ],
        "hinglish" => &[
            "Aapke portfolio ki value {} hai.",
            "Aapka gain {} hua hai, record mein yahi hai.",
            "Aapki kist {} ki hai.",
            "Yeh {} ko jama hua tha.",
        ],
        _ => &[
            "Your portfolio comes to {} by the records.",
            "The gain so far is {} in all.",
            "Your instalment is {} by the records.",
            "It was debited on {} by the bank.",
            "The exit load of the fund is {} of it.",
        ],
    };
    let frame = frames[number / 7 % frames.len()];
    let mut text = frame.replace("{}", &figure);
    if let (Some(slot), 0) = (slots.first(), number % 3) {
        text = format!("{slot}. {text}");
    }
    Lie { text, figure }
}

fn figure(language: &str, number: usize) -> String {
    const UNITS: [&str; 9] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    const TENS: [&str; 8] = [
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    const HINGLISH: [&str; 10] = [
        "ek lakh",
        "dedh lakh",
        "dhai hazaar",
        "paune teen lakh",
        "sadhe char hazaar",
        "pachas hazaar",
        "bees pratishat",
        "dugna",
        "sava lakh",
        "saat crore",
    ];
    const HINDI: [&str; 10] = [
        "एक लाख",
        "डेढ़ लाख",
        "ढाई हज़ार",
        "पौने तीन लाख",
        "साढ़े चार हज़ार",
        "पचास हजार",
        "बीस प्रतिशत",
        "दोगुना",
        "सवा लाख",
        "सात करोड़",
    ];
    const MONTHS: [&str; 6] = ["January", "March", "June", "August", "October", "December"];
    let n = number.wrapping_mul(7_919) % 900_000 + 1_000;
    let day = number % 28 + 1;
    let devanagari = |n: usize| -> String {
        let digits = n.to_string();
        digits
            .chars()
            .filter_map(|c| char::from_u32(u32::from(c) - u32::from('0') + 0x0966))
            .collect()
    };
    let (unit, ten) = (UNITS[number / 3 % 9], TENS[number / 5 % 8]);
    match (number % 14, language) {
        (0, _) => format!("₹{n}"),
        (1, _) => format!("{},{:03}", n / 1_000, n % 1_000),
        (2, _) => format!("{}.{:02}%", n % 90, n % 100),
        (3, _) => devanagari(n),
        (4, _) => format!("{day} {}", MONTHS[number / 2 % 6]),
        (5, "hi") => HINDI[number / 14 % 10].to_owned(),
        (5, "hinglish") => HINGLISH[number / 14 % 10].to_owned(),
        (5, _) => format!("{ten} {unit} thousand"),
        (6, "hi") => "सोमवार".to_owned(),
        (6, _) => "Monday".to_owned(),
        (7, "hi") => HINDI[number / 28 % 10].to_owned(),
        (7, _) => format!("{ten}-{unit} percent"),
        (8, _) => format!("{{{{f{}}}}}", n + 500),
        (9, _) => format!("{unit}{ten}"),
        (10, _) => format!("{}k", n % 900 + 1),
        (11, "hi") => "दो लाख".to_owned(),
        (11, _) => format!("{unit} lakh"),
        (12, _) => format!("½ of {unit} crore"),
        (_, _) => format!("{day:02}/08/2026"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn lies_are_many_and_each_holds_its_figure() {
        for language in ["en", "hi", "hinglish"] {
            let lies: BTreeSet<_> = (0..2_000).map(|n| lie(language, n, &[]).text).collect();
            assert!(lies.len() > 800, "{language}: {}", lies.len());
            assert!((0..500).all(|n| {
                let lie = lie(language, n, &[]);
                lie.text.contains(&lie.figure)
            }));
        }
    }
}
