mod measure;

use rust_decimal::Decimal;

use super::*;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[rustfmt::skip]
const UTTERANCES: &[(&str, Intent)] = &[
    ("hi", Intent::Menu), ("hii sir", Intent::Menu), ("hiiii", Intent::Menu), ("Hello", Intent::Menu), ("namaste", Intent::Menu),
    ("menu bhejo", Intent::Menu), ("MENU", Intent::Menu), ("menuu", Intent::Menu), ("main menu", Intent::Menu), ("good morning", Intent::Menu),
    ("नमस्ते", Intent::Menu), ("मेनू दिखाओ", Intent::Menu), ("👋", Intent::Menu),
    ("start sip 5000 monthly", Intent::SipStart), ("mujhe 2 hazaar ka sip karna hai", Intent::SipStart),
    ("SIP chalu karo 5k har mahine 10 tarikh", Intent::SipStart), ("HDFC flexi cap me 1000 ki sip", Intent::SipStart),
    ("सिप शुरू करनी है 500", Intent::SipStart), ("sip lagana h 1.5k", Intent::SipStart), ("start sip 5000 for 10 years", Intent::SipStart),
    ("invest 1L in liquid fund", Intent::InvestOnce), ("ek bar me 50 hazaar dalna hai", Intent::InvestOnce), ("onetime 25000 elss", Intent::InvestOnce),
    ("lumsum kaise kare", Intent::InvestOnce), ("एकमुश्त निवेश करना है", Intent::InvestOnce),
    ("paise nikalne hai", Intent::Redeem), ("redeem 20k from sbi large cap", Intent::Redeem), ("sab nikal do", Intent::Redeem),
    ("withdraw all", Intent::Redeem), ("mera paisa kab aayega", Intent::OrderStatus), ("units bech do", Intent::Redeem), ("पैसे निकालने हैं", Intent::Redeem),
    ("redeam my units", Intent::Redeem),
    ("liquid se equity me shift", Intent::Switch), ("switch 10000 to midcap", Intent::Switch), ("har mahine 8000 chahiye swp", Intent::Calculator),
    ("sip 2 mahine rok do", Intent::SipPause), ("pause my sip", Intent::SipPause), ("is mahine mat kaatna", Intent::SipPause), ("सिप रोक दो", Intent::SipPause),
    ("sip band karo", Intent::SipStop), ("stop sip", Intent::SipStop), ("cancel kr do sip nhi chahiye", Intent::SipStop), ("सिप बंद करो", Intent::SipStop),
    ("please stop my SIP", Intent::SipStop), ("meri sip bandh kar do", Intent::SipStop), ("stop all sips", Intent::SipStop),
    ("sip 5000 se 7000 kar do change", Intent::SipChange), ("date change 5 to 15", Intent::SipChange), ("step up 10% yearly", Intent::SipChange),
    ("sip badhao 1000", Intent::SipChange),
    ("mera portfolio", Intent::Portfolio), ("kitna hua ab tak", Intent::Portfolio), ("returns batao", Intent::Portfolio), ("profit/loss?", Intent::Portfolio),
    ("xirr kya hai mera", Intent::Portfolio), ("portfolo", Intent::Portfolio), ("show my portfolio", Intent::Portfolio), ("my protfolio pls", Intent::Portfolio),
    ("hi, portfolio dikhao", Intent::Portfolio), ("मेरा पोर्टफोलियो दिखाओ", Intent::Portfolio), ("my holdings", Intent::Portfolio), ("portfollio", Intent::Portfolio),
    ("aaj ki nav parag parikh", Intent::Nav), ("nippon smal cap nav", Intent::Nav), ("parag parikh flexi cap", Intent::Nav), ("nav of hdfc flexi cap", Intent::Nav),
    ("NAV", Intent::Nav), ("uti nifty 50 index nav?", Intent::Nav), ("एसबीआई लार्ज कैप का एनएवी", Intent::Nav), ("hdfc flexi cap ki nav batao", Intent::Nav),
    ("exit load kitna hai", Intent::FundInfo), ("is fund me risk kitna", Intent::FundInfo), ("expense ratio of axis elss", Intent::FundInfo),
    ("hdfc mid cap details", Intent::FundInfo), ("riskometer", Intent::FundInfo), ("जोखिम कितना है", Intent::FundInfo),
    ("sip kata kya", Intent::OrderStatus), ("is mahine ki kist gayi?", Intent::OrderStatus), ("bounce kyu hua", Intent::OrderStatus), ("sip status", Intent::SipList),
    ("paisa kat gaya units nahi aaye", Intent::OrderStatus), ("complaint", Intent::Complaint), ("fraud ho gaya", Intent::Complaint), ("शिकायत करनी है", Intent::Complaint),
    ("i will go to sebi", Intent::Complaint), ("complant", Intent::Complaint), ("dhokha hua mere saath", Intent::Complaint), ("units not received", Intent::OrderStatus),
    ("autopay link bhejo", Intent::Mandate), ("mandate approve nahi hua", Intent::Mandate), ("bank change karna h", Intent::Profile),
    ("kyc status", Intent::Profile), ("pan ABCPE1234F", Intent::Profile), ("nominee add", Intent::Profile),
    ("statement bhejo", Intent::Statement), ("capital gain report 25-26", Intent::Tax), ("80c proof", Intent::Tax), ("स्टेटमेंट भेजो", Intent::Statement),
    ("best fund batao", Intent::Advice), ("konsa fund double karega", Intent::Advice), ("market gir raha hai kya karu", Intent::Advice),
    ("guaranteed return wala", Intent::Advice), ("which fund should i buy", Intent::Advice), ("सबसे अच्छा फंड बताओ", Intent::Advice), ("pls suggest", Intent::Advice),
    ("agent se baat", Intent::Agent), ("call me", Intent::Agent), ("talk to a person", Intent::Agent), ("insaan se baat karni hai", Intent::Agent),
    ("किसी इंसान से बात करनी है", Intent::Agent), ("customer care", Intent::Agent), ("agnet", Intent::Agent),
    ("stop", Intent::OptOut), ("STOP", Intent::OptOut), ("Stop.", Intent::OptOut), ("unsubscribe", Intent::OptOut), ("please stop", Intent::OptOut),
    ("stop messages", Intent::OptOut), ("message mat bhejo", Intent::OptOut), ("band karo", Intent::OptOut), ("बंद करो", Intent::OptOut), ("opt out", Intent::OptOut),
    ("stop promotions", Intent::OptOut), ("unsubscrib", Intent::OptOut), ("dont send me messages", Intent::OptOut),
    ("unsubscribe from sip offers", Intent::OptOut), ("stop promo", Intent::OptOut), ("stop sending messages", Intent::OptOut),
    ("START", Intent::OptIn), ("start", Intent::OptIn), ("opt in", Intent::OptIn), ("subscribe", Intent::OptIn),
    ("mera data delete karo", Intent::Erase),
    ("हिंदी में", Intent::Language), ("hindi", Intent::Language), ("change language", Intent::Language), ("bhasha badlo", Intent::Language), ("in english please", Intent::Language),
    ("hindi mein baat karo", Intent::Language), ("speak in hindi", Intent::Language), ("english please", Intent::Language), ("hinglish me bolo", Intent::Language),
    ("talk to me in english", Intent::Language), ("please reply in hindi", Intent::Language), ("switch to hinglish", Intent::Language), ("change to hindi", Intent::Language), ("हिंदी में बात करो", Intent::Language),
    ("hindi me kisi se baat karni hai", Intent::Agent),
    ("what is a sip", Intent::SipInfo), ("whats sip?", Intent::SipInfo), ("sip kya hota hai", Intent::SipInfo), ("SIP kya h", Intent::SipInfo), ("सिप क्या है", Intent::SipInfo), ("tell me about sip", Intent::SipInfo),
    ("how does sip work", Intent::SipInfo), ("sip ka matlab kya hai", Intent::SipInfo), ("sip ke baare mein batao", Intent::SipInfo),
    ("what happens if i stop my sip", Intent::Question), ("what is a lumpsum", Intent::Explain), ("redeem ka matlab", Intent::Explain), ("why did my sip stop", Intent::OrderStatus), ("switch kya hota hai", Intent::Explain),
    ("what is my sip amount", Intent::SipList), ("sip start karni hai kya karna hoga", Intent::SipStart),
    ("what is my portfolio value", Intent::Portfolio), ("what is the nav of hdfc flexi cap", Intent::Nav),
    ("language", Intent::Language), ("langauge", Intent::Language), ("speak hinglish me language", Intent::Language),
    ("sip calculator", Intent::Calculator), ("5000 for 10 years at 12%", Intent::Calculator), ("5000 ki sip 10 saal me kitna banega", Intent::Calculator),
    ("sip 5000 for 15 years", Intent::Calculator), ("calculater", Intent::Calculator), ("कैलकुलेटर", Intent::Calculator), ("5 hazaar 20 saal 12 percent", Intent::Calculator),
    ("help", Intent::Help), ("madad chahiye", Intent::Help), ("what can you do", Intent::Help), ("मदद", Intent::Help),
    ("thanks", Intent::Thanks), ("thank you so much", Intent::Thanks), ("dhanyavad", Intent::Thanks), ("धन्यवाद", Intent::Thanks), ("🙏", Intent::Thanks),
    ("yes", Intent::Confirm), ("haan", Intent::Confirm), ("theek hai", Intent::Confirm), ("ok", Intent::Confirm), ("हाँ", Intent::Confirm), ("👍", Intent::Confirm), ("kar do", Intent::Confirm),
    ("no", Intent::Deny), ("nahi", Intent::Deny), ("नहीं", Intent::Deny), ("galat", Intent::Deny),
    ("back", Intent::Back), ("wapas", Intent::Back), ("पीछे", Intent::Back), ("cancel", Intent::Cancel), ("cancel karo", Intent::Cancel), ("रद्द करो", Intent::Cancel),
    ("aaj mausam kaisa hai", Intent::OffTopic), ("tell me a joke", Intent::OffTopic), ("bitcoin price", Intent::OffTopic),
    ("asdfgh", Intent::Unknown), ("", Intent::Unknown), ("???", Intent::Unknown), ("5000", Intent::Unknown),
];

#[test]
fn people_are_understood_as_they_type() {
    assert!(UTTERANCES.len() >= 120, "{} utterances", UTTERANCES.len());
    let wrong: Vec<_> = UTTERANCES
        .iter()
        .map(|(text, intent)| (*text, *intent, understand(text, Expectation::Nothing)))
        .filter(|(_, intent, got)| *intent != got.intent)
        .map(|(text, intent, got)| {
            format!(
                "{text:?}: wanted {intent:?}, got {:?} ({})",
                got.intent, got.confidence
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_but_a_plain_stop_opts_anyone_out() {
    for text in [
        "stop sip",
        "sip band karo",
        "sip stop karo please",
        "stop loss kya hai",
        "stop my sip messages nahi",
        "band karo sip",
    ] {
        assert_ne!(
            understand(text, Expectation::Nothing).intent,
            Intent::OptOut,
            "{text}"
        );
    }
}

#[test]
fn fund_names_are_taken_out_of_the_sentence() {
    for (text, fund) in [
        ("aaj ki nav parag parikh", "parag parikh"),
        ("nippon smal cap nav", "nippon smal cap"),
        (
            "what is the nav of hdfc flexi cap fund today",
            "hdfc flexi cap",
        ),
        ("uti nifty 50 index nav", "uti nifty 50 index"),
        ("expense ratio of axis elss", "axis elss"),
        ("HDFC flexi cap me 1000 ki sip", "HDFC flexi cap"),
    ] {
        let found = understand(text, Expectation::Nothing).slots.fund;
        assert_eq!(found.as_deref(), Some(fund), "{text}");
    }
    assert_eq!(understand("nav", Expectation::Nothing).slots.fund, None);
}

#[test]
fn a_whole_calculation_is_read_from_one_sentence() {
    let slots = understand("5000 for 10 years at 12%", Expectation::Nothing).slots;
    assert_eq!(
        (slots.amount, slots.years, slots.rate),
        (Some(dec("5000")), Some(dec("10")), Some(dec("12")))
    );
    assert_eq!(
        understand("dedh lakh 18 mahine", Expectation::Nothing)
            .slots
            .months,
        Some(18)
    );
}

#[test]
fn an_answer_is_looked_for_where_one_is_expected() {
    let number = |text| understand(text, Expectation::Number);
    assert_eq!(number("5000").intent, Intent::Answer);
    assert_eq!(number("10").slots.number, Some(dec("10")));
    assert_eq!(number("das").slots.number, Some(dec("10")));
    assert_eq!(number("10 saal").slots.duration_months(), Some(120));
    assert_eq!(number("12%").slots.rate, Some(dec("12")));
    assert_eq!(number("stop").intent, Intent::OptOut);
    assert_eq!(number("menu").intent, Intent::Menu);
    assert_eq!(number("agent").intent, Intent::Agent);

    let name = understand("quant", Expectation::FundName);
    assert_eq!(
        (name.intent, name.slots.fund.as_deref()),
        (Intent::Answer, Some("quant"))
    );
    assert_eq!(
        understand("mera portfolio", Expectation::FundName).intent,
        Intent::Portfolio
    );
}

#[test]
fn as_little_as_may_be_answers_how_much_and_nothing_else_does_so_by_the_way() {
    let amount = |text| {
        let heard = understand(text, Expectation::Amount);
        heard.intent == Intent::Answer && heard.slots.least
    };
    for text in [
        "minimum",
        "kam se kam",
        "minimum amount",
        "minimum kar do",
        "कम से कम",
    ] {
        assert!(amount(text), "{text}");
    }
    for text in [
        "wait a min",
        "ek min ruko",
        "not the minimum",
        "minimum se zyada",
        "show me funds with lowest expense ratio",
        "sip band karo, kam se kam abhi ke liye",
        "stop my sip, at least for now",
        "minimum kitna hai",
    ] {
        assert!(!amount(text), "{text}");
    }
    let stop = understand("stop my sip, at least for now", Expectation::Amount);
    assert_ne!(stop.intent, Intent::Answer);
}

#[test]
fn a_wish_for_a_language_says_which() {
    for (text, language) in [
        ("hindi mein baat karo", Language::Hi),
        ("speak in hindi", Language::Hi),
        ("english please", Language::En),
        ("hinglish me bolo", Language::Hinglish),
    ] {
        let found = understand(text, Expectation::Nothing).slots.language;
        assert_eq!(found, Some(language), "{text}");
    }
}

#[test]
fn numbers_and_units_name_nothing() {
    for text in [
        "10 years",
        "5000",
        "das saal",
        "paanch hazaar rupaye",
        "12%",
        "5k",
        "10 साल",
        "for 10 years",
    ] {
        assert!(!may_name(text), "{text}");
    }
    for text in ["zeta", "nifty 50", "10 years hdfc"] {
        assert!(may_name(text), "{text}");
    }
}

#[test]
fn the_json_line_is_one_line_with_the_named_fields() {
    let line = to_json_line("5000 for 10 years at 12%");
    let json: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert!(!line.contains('\n'));
    assert_eq!(json["intent"], "calculator");
    assert_eq!(json["slots"]["amount"], 5000);
    assert_eq!(json["language"], "en");
    assert!(json["confidence"].as_f64().unwrap() > 0.5);
}

#[test]
fn a_plain_stop_holds_whatever_has_been_learnt() {
    for text in [
        "STOP",
        "stop.",
        "Stop all",
        "STOPALL",
        "please stop",
        "Opt out",
        "unsubscribe",
    ] {
        let read = understand(text, Expectation::Nothing);
        assert_eq!(
            (read.intent, read.confidence),
            (Intent::OptOut, 1.0),
            "{text}"
        );
    }
    assert!(!consent::is_stop("stop my sip"));
}

#[test]
fn nothing_but_the_very_words_is_consent_to_marketing() {
    for text in [
        "un subscribe",
        "don't subscribe me",
        "subscribe mat karo",
        "how do I subscribe to HDFC flexi cap",
        "subscribed",
        "start sip",
        "opt in nahi karna",
        "i want to start",
        "yes start",
    ] {
        assert!(!consent::is_consent(text), "{text}");
    }
    for text in ["START", "Subscribe.", "opt in", "सब्सक्राइब करो"] {
        assert!(consent::is_consent(text), "{text}");
        assert_eq!(
            understand(text, Expectation::Nothing).intent,
            Intent::OptIn,
            "{text}"
        );
    }
    assert_ne!(
        understand("don't subscribe me", Expectation::Nothing).intent,
        Intent::OptIn
    );
}

/// What would be a guess is left out, and so asked for.
#[test]
fn a_slot_that_could_mean_two_things_is_left_open() {
    let slots = |text: &str| understand(text, Expectation::Nothing).slots;
    for text in [
        "sip badhani hai 500 se",
        "increase my sip by 500",
        "sip 500 se badha do",
    ] {
        assert_eq!(slots(text).amount, None, "{text}");
    }
    assert_eq!(slots("sip 5000 se 7000 kar do").amount, Some(dec("7000")));
    assert_eq!(slots("sip ka amount 7000 kar do").amount, Some(dec("7000")));
    let both = slots("Let the Axis one run but kill the Mirae SIP");
    assert_eq!(both.fund, None);
    let one = "dono sip me se choti wali hata do";
    assert!(!slots(one).all, "{:?}", parse(one).words);
    assert!(slots("dono sip band karo").all);
    for text in [
        "saara maal nikalna hai dsp me se",
        "mov evrything out of dsp midcap into dsp nifty",
    ] {
        assert!(slots(text).all, "{text}");
    }
    for text in ["agle mahine se sip 7000 kar do", "sip 5 se 7 hazaar kar do"] {
        assert_eq!(slots(text).amount, Some(dec("7000")), "{text}");
    }
    let hyphen = slots("start SIP of 5000 in SBI Small-Cap");
    assert_eq!(hyphen.fund.as_deref(), Some("SBI Small-Cap"));
    let bank = slots("redeem 10000 from axis bluechip to my hdfc account");
    assert_eq!(bank.fund.as_deref(), Some("axis bluechip"));
    assert_eq!(
        slots("uti nifty 5000 ki sip lagao").amount,
        Some(dec("5000"))
    );
    let switch = slots("switch all my hdfc top 100 to hdfc index fund");
    assert_eq!((switch.amount, switch.all), (None, true));
    assert_eq!(switch.fund.as_deref(), Some("hdfc top 100"));
    assert_eq!(switch.to_fund.as_deref(), Some("hdfc index"));
    let nifty = slots("invest 5000 in nippon nifty next 50 index fund");
    assert_eq!(nifty.amount, Some(dec("5000")));
}

#[test]
fn a_name_or_an_address_is_no_word_for_a_menu_a_person_or_a_language() {
    for name in [
        "Ram Kumar",
        "Jay Shah",
        "Krishna Iyer",
        "Radha Kumar",
        "Ravi Khan",
        "Abdul Salam",
        "Meenu Goyal",
        "Sanjay Jain",
        "Anjali Saxena",
        "Kalpana Bhatt",
        "Manu Sharma",
        "Sanjay Adhikari",
        "Tamil Selvan",
        "Angrez Singh",
        "राम कुमार",
        "जय शाह",
    ] {
        let heard = understand(name, Expectation::Text);
        assert_eq!(heard.intent, Intent::Answer, "{name}");
        assert_eq!(heard.slots.text.as_deref(), Some(name));
    }
    for address in ["call.me@gmail.com", "help@example.in", "menu@example.in"] {
        let heard = understand(address, Expectation::Email);
        assert_eq!(heard.intent, Intent::Answer, "{address}");
    }
    for (command, intent) in [
        ("menu", Intent::Menu),
        ("help", Intent::Help),
        ("back", Intent::Back),
        ("cancel", Intent::Cancel),
        ("agent se baat karni hai", Intent::Agent),
        ("talk to a person", Intent::Agent),
        ("hindi", Intent::Language),
        ("stop", Intent::OptOut),
    ] {
        for expects in [Expectation::Text, Expectation::Pan, Expectation::Date] {
            assert_eq!(understand(command, expects).intent, intent, "{command}");
        }
    }
}

#[test]
fn what_only_sounds_like_a_call_for_a_person_or_a_complaint_is_none() {
    for text in [
        "kal",
        "kal karunga",
        "कल करूँगा",
        "koi bhi",
        "office",
        "kar diya",
        "maine approve kar diya",
        "मैंने अप्रूव कर दिया",
        "otp daal diya",
        "i did it",
        "no complaints",
        "koi shikayat nahi",
        "complaint nahi hai",
        "i have no complaint",
        "dont call me",
        "mat call karo",
        "agent se baat nahi karni",
        "i dont want to talk to agent",
    ] {
        let heard = understand(text, Expectation::Nothing);
        let calls = matches!(heard.intent, Intent::Agent | Intent::Complaint);
        assert!(!calls || heard.confidence < 0.6, "{text}: {heard:?}");
    }
    for text in [
        "you did not resolve my complaint",
        "agent phone nahi utha raha",
        "bot nahi insaan se baat karni hai",
        "i am not happy, i want to complain",
        "no one called me back, i want to talk to a manager",
    ] {
        let heard = understand(text, Expectation::Nothing);
        let calls = matches!(heard.intent, Intent::Agent | Intent::Complaint);
        assert!(calls && heard.confidence >= 0.6, "{text}: {heard:?}");
    }
    for (text, amount) in [("5000 kal", 5_000), ("3000 hi", 3_000)] {
        let heard = understand(text, Expectation::Amount);
        assert_eq!(heard.slots.amount, Some(amount.into()), "{text}");
        assert_eq!(heard.intent, Intent::Answer, "{text}");
    }
}

#[test]
fn one_of_several_is_chosen_by_a_number_that_is_all_there_is() {
    let choice = |text: &str| understand(text, Expectation::Choice(3)).slots.choice;
    for (text, chosen) in [
        ("2", 2),
        ("number 2", 2),
        ("second one", 2),
        ("2nd", 2),
        ("pehla wala", 1),
        ("do", 2),
        ("तीसरा", 3),
    ] {
        assert_eq!(choice(text), Some(chosen), "{text}");
    }
    for text in [
        "pehle batao ye kya hai",
        "पहले समझाओ",
        "pehle samjhao",
        "pehle batao kyu",
        "2 min ruko",
        "pehle",
        "2?",
        "first tell me why",
    ] {
        assert_eq!(choice(text), None, "{text}");
    }
    let label = understand("3", Expectation::Label);
    assert_eq!((label.intent, label.slots.choice), (Intent::Unknown, None));
}

#[test]
fn a_language_that_is_refused_is_not_the_one_that_is_wanted() {
    let language = |text: &str| understand(text, Expectation::Nothing).slots.language;
    for (text, wanted) in [
        ("mujhe hindi nahi aati", None),
        ("no hindi please", None),
        ("hindi mat bolo", None),
        ("mujhe english samajh nahi aati", None),
        ("अंग्रेज़ी नहीं आती", None),
        ("english not hindi", Some(Language::En)),
        ("hindi nahi english", Some(Language::En)),
        ("english nahi aati hindi me bolo", Some(Language::Hi)),
        ("hindi me baat karo", Some(Language::Hi)),
    ] {
        assert_eq!(language(text), wanted, "{text}");
    }
}

#[test]
fn the_first_and_the_second_are_days_of_the_month() {
    for (text, day) in [
        ("1st", 1),
        ("2nd", 2),
        ("3rd", 3),
        ("pehli tarikh", 1),
        ("first", 1),
    ] {
        let heard = understand(text, Expectation::Day);
        assert_eq!(heard.slots.day, Some(day), "{text}");
    }
    for text in ["sip ki date 1st kar do", "meri sip ki tarikh pehli kar do"] {
        let heard = understand(text, Expectation::Nothing);
        assert_eq!(heard.slots.day, Some(1), "{text}");
    }
}

#[test]
fn a_question_about_us_is_heard_beside_any_other() {
    for expects in [Expectation::Choice(3), Expectation::Amount] {
        let heard = |text: &str| understand(text, expects).intent;
        assert_eq!(
            heard("aap kitna commission lete hain"),
            Intent::Commission,
            "{expects:?}"
        );
        assert_eq!(heard("what is your arn"), Intent::Identity, "{expects:?}");
    }
}

#[test]
fn a_reason_is_taken_in_whatever_words_it_comes() {
    let heard = |text: &str| understand(text, Expectation::Reason(13)).intent;
    for text in [
        "abhi paise nahi hai",
        "job nahi hai",
        "no money",
        "mummy ki tabiyat kharab hai",
        "returns nahi aa rahe",
        "market is falling",
        "7",
    ] {
        assert_eq!(heard(text), Intent::Answer, "{text}");
    }
    for (text, intent) in [
        ("no", Intent::Deny),
        ("menu", Intent::Menu),
        ("back", Intent::Back),
        ("cancel", Intent::Cancel),
        ("stop", Intent::OptOut),
        ("talk to a person", Intent::Agent),
    ] {
        assert_eq!(heard(text), intent, "{text}");
    }
}
