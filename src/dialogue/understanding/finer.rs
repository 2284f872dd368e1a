//! The finer differences that the conversation makes within an intent, by the words of the
//! message alone: nothing here is learnt.

use super::Parsed;
use super::decide::has;
use super::instead;
use super::intent::Intent;
use super::polarity::{self, Mode};

/// What an order is called.
const ORDER: &[&str] = &["order", "orders", "ऑर्डर"];
/// What consent is called.
const CONSENT: &[&str] = &["consent", "consents", "sahmati", "sehmati", "सहमति"];
/// What is done to it that ends it.
#[rustfmt::skip]
const TAKE_BACK: &[&str] = &[
    "withdraw", "withdrawing", "revoke", "back", "remove", "cancel", "end", "wapas", "vapas", "waapas", "hatao",
    "hata", "khatam", "radd", "वापस", "वापिस", "हटाओ", "हटा", "रद्द", "खत्म",
];
/// What is still to come.
#[rustfmt::skip]
const TO_COME: &[&str] = &[
    "will", "tomorrow", "predict", "prediction", "forecast", "expected", "jayega", "jaega", "jaayega", "badhega",
    "girega", "chadhega", "hoga", "जाएगा", "जायेगा", "बढ़ेगा", "गिरेगा", "चढ़ेगा",
];
/// What is asked for by whoever wants to be told again later.
const REMIND: &[&str] = &[
    "dila",
    "dilana",
    "dilaana",
    "dilao",
    "दिला",
    "दिलाना",
    "दिलाओ",
];
const REMEMBER: &[&str] = &["yaad", "याद"];
/// What a distributor earns, and earning it.
#[rustfmt::skip]
const COMMISSION: &[&str] = &["commission", "commissions", "comission", "commision", "brokerage", "कमीशन"];
const EARN: &[&str] = &[
    "earn",
    "kamate",
    "kamaate",
    "kamati",
    "kamaati",
    "कमाते",
    "कमाती",
];
/// Where a distributor stands on a register.
#[rustfmt::skip]
const REGISTERED: &[&str] = &[
    "registered", "registration", "arn", "licence", "license", "licensed", "रजिस्टर्ड", "पंजीकृत", "पंजीकरण", "लाइसेंस",
];
/// Whoever is asked.
#[rustfmt::skip]
const YOU: &[&str] = &[
    "you", "your", "u", "ur", "aap", "aapka", "aapki", "aapke", "aapko", "tum", "tumhara", "tumhari", "log", "lete", "leti",
    "आप", "आपका", "आपकी", "आपके", "आपको", "तुम", "लेते", "लेती",
];
/// Whoever asks.
#[rustfmt::skip]
const I: &[&str] = &[
    "i", "my", "me", "mine", "mera", "meri", "mere", "mujhe", "main", "maine", "मैं", "मेरा", "मेरी", "मेरे", "मुझे", "मैंने",
];
/// What dealing costs.
#[rustfmt::skip]
const CHARGES: &[&str] = &[
    "charge", "charges", "fee", "fees", "brokerage", "shulk", "chaarj", "चार्ज", "चार्जेस", "शुल्क", "फीस", "ब्रोकरेज",
];
const CHARGE: &[&str] = &["charge", "charges", "shulk", "चार्ज", "शुल्क"];
/// What somebody asks who does not trust us yet.
#[rustfmt::skip]
const GENUINE: &[&str] = &[
    "real", "genuine", "legit", "fake", "fraud", "scam", "asli", "farzi", "bharosa", "trust", "licence", "license", "फर्जी", "फ्रॉड", "असली",
    "भरोसा", "लाइसेंस", "नकली", "nakli",
];
/// A SIP is to rest.
const PAUSE: &[&str] = &["pause", "hold", "skip", "पॉज", "होल्ड"];
const DO: &[&str] = &["karo", "kardo", "kijiye", "karna", "करो", "कीजिए"];
/// What makes a question of it.
#[rustfmt::skip]
const ASKS: &[&str] = &[
    "kya", "is", "are", "to", "toh", "ya", "or", "how", "kaise", "can", "क्या", "तो", "या", "कैसे",
];
/// What is asked for, and that it is needed.
const MONEY: &[&str] = &[
    "paise",
    "paisa",
    "paison",
    "money",
    "cash",
    "पैसे",
    "पैसा",
    "पैसों",
];
#[rustfmt::skip]
const NEEDED: &[&str] = &[
    "chahiye", "chahie", "zarurat", "jarurat", "zaroorat", "need", "urgent", "urgently", "emergency", "चाहिए", "जरूरत", "इमरजेंसी",
];
/// What a bank did with money.
#[rustfmt::skip]
const TAKEN: &[&str] = &[
    "kat", "kata", "kate", "kati", "kaat", "kaata", "kaate", "deducted", "debited", "deduction", "charged", "कट", "कटा", "कटे", "काट",
    "काटा", "काटे",
];
/// What is wrong about it.
#[rustfmt::skip]
const WRONGLY: &[&str] = &[
    "jagah", "instead", "double", "twice", "dobara", "extra", "wrong", "galat", "zyada", "जगह", "दोबारा", "ज़्यादा", "गलत",
];
/// What a complaint is called, and whose it is.
#[rustfmt::skip]
const COMPLAINT: &[&str] = &[
    "complaint", "complaints", "grievance", "ticket", "shikayat", "शिकायत", "कंप्लेंट", "कम्प्लेंट", "कंप्लेन",
];
#[rustfmt::skip]
const MINE: &[&str] = &["my", "mine", "meri", "mere", "mera", "apni", "hamari", "our", "मेरी", "मेरे", "मेरा", "अपनी", "हमारी"];
/// What is asked by whoever wants to know how far one is.
#[rustfmt::skip]
const HOW_FAR: &[&str] = &[
    "status", "update", "happening", "progress", "resolved", "solved", "closed", "kab", "kahan", "sthiti", "स्टेटस", "स्थिति", "कब", "कहां",
    "कहाँ",
];
/// What asks so only beside a word that asks: "nothing happened" tells what is wrong.
#[rustfmt::skip]
const CAME_OF_IT: &[&str] = &[
    "happened", "reply", "response", "hua", "hui", "huyi", "jawab", "javab", "हुआ", "हुई", "जवाब",
];
#[rustfmt::skip]
const ANY: &[&str] = &["what", "any", "kya", "koi", "क्या", "कोई"];
/// What is said of one right after its name by whoever states it: "my complaint is that".
#[rustfmt::skip]
const STATES: &[&str] = &["is", "that", "hai", "yeh", "ye", "है", "यह", "ये"];
/// Stands between that and how far it is: "my complaint is still not resolved".
const AS_YET: &[&str] = &["still", "not", "yet", "abhi"];
/// What says that another one is wanted.
#[rustfmt::skip]
const LODGE: &[&str] = &[
    "file", "lodge", "raise", "new", "another", "again", "karni", "karna", "nayi", "naya", "करनी", "करना", "नई",
];
/// A question as short as this needs no word that says whose complaint.
const FEW: usize = 4;
/// Ways a price goes.
#[rustfmt::skip]
const UP_OR_DOWN: &[&str] = &[
    "up", "down", "rise", "fall", "crash", "rally", "higher", "lower", "upar", "oopar", "niche", "neeche", "badhega",
    "girega", "chadhega", "ऊपर", "नीचे", "बढ़ेगा", "गिरेगा", "चढ़ेगा",
];

/// Returns the finer intent that the conversation tells apart.
pub(super) fn finer(intent: Intent, raw: &str, parsed: &Parsed) -> Intent {
    let has = |name| has(parsed, &[name]);
    // As they were typed: the tables of words may have taken one of these for another.
    let typed = super::plain_words(raw);
    let says = |any: &[&str]| {
        let plain = |word: &&str| super::normalise::text(word);
        any.iter().any(|word| typed.contains(&plain(word)))
    };
    let speaks_of_an_action = polarity::has_action(&parsed.hits);
    let names_a_fund = !parsed.mentions.is_empty();
    let is_supposed = parsed.modes.contains(&Mode::Supposed);
    let is_of_us = says(YOU) && !says(I) && !names_a_fund;
    let may_be_about_us = matches!(
        intent,
        Intent::Unknown
            | Intent::OffTopic
            | Intent::Portfolio
            | Intent::Leaderboard
            | Intent::Rewards
            | Intent::FundInfo
            | Intent::Menu
            | Intent::Advice
            | Intent::Profile
            | Intent::Calculator
            | Intent::Onboarding
    );
    let is_question = raw.contains('?') || says(ASKS);
    let asks_for_charges = says(CHARGES)
        && !names_a_fund
        && !says(TAKEN)
        && (may_be_about_us || matches!(intent, Intent::Deny | Intent::Nav))
        || says(CHARGE) && matches!(intent, Intent::Redeem | Intent::SipStop | Intent::Switch);
    let may_be_doubt = may_be_about_us
        || matches!(
            intent,
            Intent::Complaint | Intent::Deny | Intent::Nav | Intent::Question
        );
    let doubts_us = may_be_doubt && is_question && says(GENUINE) && !says(I) && !says(TAKEN);
    match intent {
        plain if !plain.binds() && asks_how_far(raw, &typed) => Intent::ComplaintStatus,
        _ if may_be_about_us && is_of_us && (says(COMMISSION) || says(EARN)) => Intent::Commission,
        _ if (may_be_about_us || intent == Intent::Referral) && is_of_us && says(REGISTERED) => {
            Intent::Identity
        }
        _ if asks_for_charges => Intent::Charges,
        _ if doubts_us => Intent::Identity,
        // "I need money" asks for theirs.
        Intent::Unknown if says(MONEY) && says(NEEDED) && !has("sip") => Intent::Redeem,
        // Taken out each month, and not paid in.
        Intent::SipStart
            if has("redeem") && has("every_month") && !has("sip") && !has("invest") =>
        {
            Intent::Redeem
        }
        // For a time it rests.
        Intent::SipStop if is_for_a_time(parsed) => Intent::SipPause,
        Intent::SipResume if says(PAUSE) && says(DO) && parsed.words.len() <= 2 => Intent::SipPause,
        // "10,000 was taken in place of 5,000" wants no SIP of 10,000.
        Intent::SipChange if says(TAKEN) && !has("change") && !has("increase") => {
            if says(WRONGLY) || parsed.quantities.money.len() > 1 {
                Intent::Complaint
            } else {
                Intent::OrderStatus
            }
        }
        Intent::Menu if has("help") && !has("menu") => Intent::Help,
        Intent::Deny if says(ORDER) && (has("cancel") || has("stop")) => Intent::CallOff,
        Intent::Deny if has("cancel") && parsed.words.len() <= 2 => Intent::Cancel,
        Intent::Profile if has("mandate") => Intent::Mandate,
        // What they want to be reminded of is not wanted now.
        wish if wish.moves_money() && (says(&["remind"]) || says(REMEMBER) && says(REMIND)) => {
            Intent::Notifications
        }
        Intent::Privacy | Intent::Unknown if says(CONSENT) && says(TAKE_BACK) => {
            Intent::WithdrawConsent
        }
        Intent::Privacy if has("erase") || has("erase_word") => Intent::Erase,
        Intent::Market if says(TO_COME) && says(UP_OR_DOWN) => Intent::Advice,
        Intent::FundInfo if has("question_sip") => Intent::SipInfo,
        Intent::FundInfo if speaks_of_an_action && !names_a_fund => Intent::Explain,
        Intent::Unknown if has("ack") && parsed.words.len() <= 3 => Intent::Noted,
        Intent::Unknown if is_supposed => Intent::Question,
        plain => plain,
    }
}

/// Says whether a message asks how far a complaint is that was lodged before, and neither
/// lodges nor states one.
fn asks_how_far(raw: &str, typed: &[String]) -> bool {
    let is = |at: usize, known: &[&str]| {
        let mut known = known.iter();
        let word = typed.get(at);
        known.any(|known| word.is_some_and(|word| *word == super::normalise::text(known)))
    };
    let says = |known: &[&str]| (0..typed.len()).any(|at| is(at, known));
    let near = |at: usize, known: &[&str]| (at.saturating_sub(2)..at).any(|at| is(at, known));
    let is_theirs = |at: usize| typed.len() <= FEW || near(at, MINE);
    let states = |at: usize| {
        let mut behind = (at + 2..).skip_while(|at| is(*at, AS_YET));
        is(at + 1, STATES) && !behind.next().is_some_and(|at| is(at, HOW_FAR))
    };
    let asks = |at: usize| {
        let is_asked = near(at, ANY) || is(at + 1, ANY);
        is(at, HOW_FAR) || is(at, CAME_OF_IT) && is_asked
    };
    let tells_what = raw.contains(": ") || says(TAKEN) || says(LODGE);
    let mut places = 0..typed.len();
    !tells_what
        && (0..typed.len()).any(asks)
        && places.any(|at| is(at, COMPLAINT) && is_theirs(at) && !states(at))
}

/// Says whether a message names for how long, and takes nothing back.
pub(super) fn is_for_a_time(parsed: &Parsed) -> bool {
    let refuses =
        |word: &str| instead::refuses_what_was(word) || instead::refuses_what_follows(word);
    let is_named =
        has(parsed, &["this_month", "for_a_while"]) || !parsed.quantities.months.is_empty();
    is_named && !parsed.words.iter().any(|word| refuses(&word.text))
}

#[cfg(test)]
mod tests {
    use super::super::{Expectation, understand};
    use super::*;

    #[test]
    fn how_far_a_complaint_is_is_asked_and_no_other_is_lodged() {
        for line in [
            "what is happening with my complaint",
            "complaint status",
            "meri complaint ka kya hua",
            "meri shikayat kab tak solve hogi",
            "मेरी शिकायत का क्या हुआ",
            "any update on my complaint?",
            "abhi tak meri complaint ka koi jawab nahi aaya",
            "my complaint is still not resolved",
            "meri complaint solve hui kya",
        ] {
            let intent = understand(line, Expectation::Nothing).intent;
            assert_eq!(intent, Intent::ComplaintStatus, "{line}");
            let amidst = understand(line, Expectation::Amount).intent;
            assert_eq!(amidst, Intent::ComplaintStatus, "{line}");
        }
        for line in [
            "complaint: my money was debited without my permission",
            "mujhe complaint karni hai, paisa kat gaya aur kuch nahi hua",
            "i want to lodge another complaint, my sip has not been resolved",
            "शिकायत करनी है",
            "meri complaint hai ki paisa kat gaya aur sip nahi hua",
            "My complaint is that money was debited but nothing happened",
            "मेरी शिकायत है कि पैसा कट गया और यूनिट अलॉट नहीं हुआ",
            "my complaint is that nobody gives any response",
            "my complaint: nobody replies, what happened to my money",
            "meri complaint ye hai ki kuch nahi hua",
        ] {
            let intent = understand(line, Expectation::Nothing).intent;
            assert_eq!(intent, Intent::Complaint, "{line}");
        }
    }

    #[test]
    fn an_order_is_called_off_consent_taken_back_and_a_forecast_asked_for_in_three_languages() {
        let table: [(Intent, &[&str]); 6] = [
            (
                Intent::CallOff,
                &[
                    "cancel my order",
                    "order cancel karna hai",
                    "मेरा ऑर्डर कैंसिल कर दो",
                ],
            ),
            (
                Intent::WithdrawConsent,
                &[
                    "withdraw my consent",
                    "consent wapas lena hai",
                    "meri sahmati wapas lo",
                    "सहमति वापस लेनी है",
                ],
            ),
            (
                Intent::Commission,
                &[
                    "commission kitna lete ho",
                    "how do you earn",
                    "what is your commission",
                    "aap kitna commission lete hain",
                    "आप कितना कमीशन लेते हैं",
                ],
            ),
            (
                Intent::Identity,
                &[
                    "are you sebi registered",
                    "what is your arn",
                    "aap log sebi registered ho kya",
                    "आपका ARN क्या है",
                ],
            ),
            (Intent::Redeem, &["har mahine 8000 nikalo"]),
            (
                Intent::Advice,
                &[
                    "will nifty go up tomorrow",
                    "kal market upar jayega kya",
                    "कल बाज़ार ऊपर जाएगा क्या",
                ],
            ),
        ];
        for (intent, lines) in table {
            for line in lines {
                assert_eq!(
                    understand(line, Expectation::Nothing).intent,
                    intent,
                    "{line}"
                );
            }
        }
        for (line, intent) in [
            (
                "Remind me in December to increase my SIP",
                Intent::Notifications,
            ),
            ("cancel", Intent::Cancel),
            ("what data do you have about me", Intent::Privacy),
            ("how did the market close today", Intent::Market),
        ] {
            assert_eq!(
                understand(line, Expectation::Nothing).intent,
                intent,
                "{line}"
            );
        }
    }
}
