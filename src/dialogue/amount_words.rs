//! An amount in words, as it is echoed before anything is confirmed: in lakh and crore, in
//! each language.

use super::understanding::Language;
use crate::investing::Paise;

/// What is above this is counted in crore of crore, which nobody says.
const HIGHEST_CRORES: i64 = 9_999_999;

/// The words of a language: 0 to 99, and what they are counted in.
struct Words {
    below_hundred: [&'static str; 100],
    hundred: &'static str,
    thousand: &'static str,
    lakh: &'static str,
    crore: &'static str,
    and: &'static str,
    /// One and several rupees, one and several paise.
    rupees: [&'static str; 2],
    paise: [&'static str; 2],
}

/// Returns an amount in words: `one lakh fifty thousand rupees`. `None` for less than
/// nothing and for more than is said in words.
pub fn in_words(language: Language, amount: Paise) -> Option<String> {
    if amount < Paise(0) {
        return None;
    }
    let words = match language {
        Language::En => &ENGLISH,
        Language::Hi => &HINDI,
        Language::Hinglish => &HINGLISH,
    };
    let (rupees, paise) = (amount.0 / 100, amount.0 % 100);
    if rupees / 10_000_000 > HIGHEST_CRORES {
        return None;
    }
    let counted = |count: i64, of: [&str; 2]| {
        let unit = if count == 1 { of[0] } else { of[1] };
        format!("{} {unit}", whole(words, count))
    };
    Some(match (rupees, paise) {
        (0, paise) if paise > 0 => counted(paise, words.paise),
        (rupees, 0) => counted(rupees, words.rupees),
        (rupees, paise) => format!(
            "{} {} {}",
            counted(rupees, words.rupees),
            words.and,
            counted(paise, words.paise)
        ),
    })
}

fn whole(words: &Words, number: i64) -> String {
    let small = |number: i64| {
        let at = usize::try_from(number).unwrap_or(0);
        words.below_hundred.get(at).copied().unwrap_or_default()
    };
    if number < 100 {
        return small(number).to_owned();
    }
    let (unit, name) = match number {
        ..=999 => (100, words.hundred),
        1_000..=99_999 => (1_000, words.thousand),
        100_000..=9_999_999 => (100_000, words.lakh),
        _ => (10_000_000, words.crore),
    };
    let (count, rest) = (number / unit, number % unit);
    let head = format!("{} {name}", whole(words, count));
    if rest == 0 {
        head
    } else {
        format!("{head} {}", whole(words, rest))
    }
}

#[rustfmt::skip]
static ENGLISH: Words = Words {
    below_hundred: [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
        "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
        "twenty", "twenty-one", "twenty-two", "twenty-three", "twenty-four", "twenty-five", "twenty-six", "twenty-seven", "twenty-eight", "twenty-nine",
        "thirty", "thirty-one", "thirty-two", "thirty-three", "thirty-four", "thirty-five", "thirty-six", "thirty-seven", "thirty-eight", "thirty-nine",
        "forty", "forty-one", "forty-two", "forty-three", "forty-four", "forty-five", "forty-six", "forty-seven", "forty-eight", "forty-nine",
        "fifty", "fifty-one", "fifty-two", "fifty-three", "fifty-four", "fifty-five", "fifty-six", "fifty-seven", "fifty-eight", "fifty-nine",
        "sixty", "sixty-one", "sixty-two", "sixty-three", "sixty-four", "sixty-five", "sixty-six", "sixty-seven", "sixty-eight", "sixty-nine",
        "seventy", "seventy-one", "seventy-two", "seventy-three", "seventy-four", "seventy-five", "seventy-six", "seventy-seven", "seventy-eight", "seventy-nine",
        "eighty", "eighty-one", "eighty-two", "eighty-three", "eighty-four", "eighty-five", "eighty-six", "eighty-seven", "eighty-eight", "eighty-nine",
        "ninety", "ninety-one", "ninety-two", "ninety-three", "ninety-four", "ninety-five", "ninety-six", "ninety-seven", "ninety-eight", "ninety-nine",
    ],
    hundred: "hundred", thousand: "thousand", lakh: "lakh", crore: "crore", and: "and",
    rupees: ["rupee", "rupees"], paise: ["paisa", "paise"],
};

#[rustfmt::skip]
static HINDI: Words = Words {
    below_hundred: [
        "शून्य", "एक", "दो", "तीन", "चार", "पाँच", "छह", "सात", "आठ", "नौ",
        "दस", "ग्यारह", "बारह", "तेरह", "चौदह", "पंद्रह", "सोलह", "सत्रह", "अठारह", "उन्नीस",
        "बीस", "इक्कीस", "बाईस", "तेईस", "चौबीस", "पच्चीस", "छब्बीस", "सत्ताईस", "अट्ठाईस", "उनतीस",
        "तीस", "इकतीस", "बत्तीस", "तैंतीस", "चौंतीस", "पैंतीस", "छत्तीस", "सैंतीस", "अड़तीस", "उनतालीस",
        "चालीस", "इकतालीस", "बयालीस", "तैंतालीस", "चौवालीस", "पैंतालीस", "छियालीस", "सैंतालीस", "अड़तालीस", "उनचास",
        "पचास", "इक्यावन", "बावन", "तिरपन", "चौवन", "पचपन", "छप्पन", "सत्तावन", "अट्ठावन", "उनसठ",
        "साठ", "इकसठ", "बासठ", "तिरसठ", "चौंसठ", "पैंसठ", "छियासठ", "सड़सठ", "अड़सठ", "उनहत्तर",
        "सत्तर", "इकहत्तर", "बहत्तर", "तिहत्तर", "चौहत्तर", "पचहत्तर", "छिहत्तर", "सतहत्तर", "अठहत्तर", "उनासी",
        "अस्सी", "इक्यासी", "बयासी", "तिरासी", "चौरासी", "पचासी", "छियासी", "सत्तासी", "अट्ठासी", "नवासी",
        "नब्बे", "इक्यानवे", "बानवे", "तिरानवे", "चौरानवे", "पचानवे", "छियानवे", "सत्तानवे", "अट्ठानवे", "निन्यानवे",
    ],
    hundred: "सौ", thousand: "हज़ार", lakh: "लाख", crore: "करोड़", and: "और",
    rupees: ["रुपया", "रुपये"], paise: ["पैसा", "पैसे"],
};

#[rustfmt::skip]
static HINGLISH: Words = Words {
    below_hundred: [
        "shunya", "ek", "do", "teen", "chaar", "paanch", "chhah", "saat", "aath", "nau",
        "das", "gyarah", "barah", "terah", "chaudah", "pandrah", "solah", "satrah", "atharah", "unnis",
        "bees", "ikkis", "baees", "teis", "chaubis", "pachchis", "chhabbis", "sattaees", "atthaees", "untis",
        "tees", "ikattis", "battis", "taintis", "chauntis", "paintis", "chhattis", "saintis", "adtis", "untalis",
        "chalis", "iktalis", "bayalis", "taintalis", "chauvalis", "paintalis", "chhiyalis", "saintalis", "adtalis", "unchaas",
        "pachaas", "ikyavan", "bavan", "tirpan", "chauvan", "pachpan", "chhappan", "sattavan", "atthavan", "unsath",
        "saath", "iksath", "basath", "tirsath", "chaunsath", "painsath", "chhiyasath", "sadsath", "adsath", "unhattar",
        "sattar", "ikhattar", "bahattar", "tihattar", "chauhattar", "pachhattar", "chhihattar", "sathattar", "athhattar", "unasi",
        "assi", "ikyasi", "bayasi", "tirasi", "chaurasi", "pachasi", "chhiyasi", "sattasi", "atthasi", "navasi",
        "nabbe", "ikyanve", "banve", "tiranve", "chauranve", "pachanve", "chhiyanve", "sattanve", "atthanve", "ninyanve",
    ],
    hundred: "sau", thousand: "hazaar", lakh: "lakh", crore: "crore", and: "aur",
    rupees: ["rupaya", "rupaye"], paise: ["paisa", "paise"],
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn amounts_are_said_in_lakh_and_crore_in_each_language() {
        let table = [
            (
                500_00,
                "five hundred rupees",
                "पाँच सौ रुपये",
                "paanch sau rupaye",
            ),
            (
                1_50_000_00,
                "one lakh fifty thousand rupees",
                "एक लाख पचास हज़ार रुपये",
                "ek lakh pachaas hazaar rupaye",
            ),
            (1_00, "one rupee", "एक रुपया", "ek rupaya"),
            (50, "fifty paise", "पचास पैसे", "pachaas paise"),
            (
                2_345_07,
                "two thousand three hundred forty-five rupees and seven paise",
                "दो हज़ार तीन सौ पैंतालीस रुपये और सात पैसे",
                "do hazaar teen sau paintalis rupaye aur saat paise",
            ),
            (
                12_05_00_099_00,
                "twelve crore five lakh ninety-nine rupees",
                "बारह करोड़ पाँच लाख निन्यानवे रुपये",
                "barah crore paanch lakh ninyanve rupaye",
            ),
        ];
        for (paise, english, hindi, hinglish) in table {
            let said = Language::ALL.map(|language| in_words(language, Paise(paise)).unwrap());
            assert_eq!(said, [english, hindi, hinglish]);
        }
    }

    #[test]
    fn no_two_amounts_are_said_alike() {
        for language in Language::ALL {
            let said: BTreeSet<_> = (0..20_000)
                .map(|rupees| in_words(language, Paise(rupees * 100)).unwrap())
                .collect();
            assert_eq!(said.len(), 20_000, "{language:?}");
        }
    }

    #[test]
    fn what_nobody_says_in_words_is_left_to_the_digits() {
        assert_eq!(in_words(Language::En, Paise(-1)), None);
        assert_eq!(in_words(Language::En, Paise(i64::MAX)), None);
    }
}
