//! What words mean, as data: each concept with the words and phrases people use for it in
//! English, Hinglish and Hindi. To teach a word, add it to its row.
//!
//! Phrases of up to four words are found before their parts; doubled letters are ignored
//! (`menuu`), and a word of five letters or more may have one slip (`portfolo`), unless it
//! is itself a word of the lexicon.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::normalise;

/// What a word or phrase stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Concept {
    /// A hello.
    Greet,
    /// The menu.
    Menu,
    /// A wish for help.
    Help,
    /// Thanks.
    Thanks,
    /// Yes.
    Yes,
    /// No.
    No,
    /// One step back.
    Back,
    /// Drop it.
    Cancel,
    /// Stop, end.
    Stop,
    /// Stop sending, in so many words.
    Unsubscribe,
    /// Messages, offers, promotions.
    Messages,
    /// The bare word that starts marketing again.
    Resubscribe,
    /// Begin.
    Begin,
    /// A SIP or its instalment.
    Sip,
    /// Pause or skip.
    Pause,
    /// Change something.
    Change,
    /// What became of an instalment.
    Debit,
    /// One-time investment.
    Lumpsum,
    /// Put money in.
    Invest,
    /// Take money out.
    Redeem,
    /// Move between funds.
    Switch,
    /// Mandate, bank, autopay.
    Mandate,
    /// KYC, PAN, nominee.
    Kyc,
    /// Statement, tax papers.
    Statement,
    /// Erase personal data.
    Erase,
    /// What one holds.
    Portfolio,
    /// Returns, profit, loss.
    Returns,
    /// Mine.
    Mine,
    /// Net asset value.
    Nav,
    /// A fact about a fund.
    Fact,
    /// A calculation.
    Calculator,
    /// Language as such.
    Language,
    /// English.
    English,
    /// Hindi.
    Hindi,
    /// Hinglish.
    Hinglish,
    /// To say something in a language.
    Speak,
    /// A question that is never an order: what, why, what it means.
    Question,
    /// What makes a question of a sentence that wants nothing done.
    Whether,
    /// A person instead of the bot.
    Person,
    /// Something that has to be taken up as a complaint.
    Complaint,
    /// A wish for a recommendation or a forecast.
    Advice,
    /// Other things than mutual funds.
    OffTopic,
    /// Part of the name of a fund.
    Fund,
    /// Words that carry no meaning of their own here.
    Filler,
}

/// A concept found in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// What was found.
    pub concept: Concept,
    /// Index of its first word.
    pub from: usize,
    /// Index after its last word.
    pub to: usize,
    /// Whether it was spelled as in the lexicon.
    pub exact: bool,
}

const LONGEST_PHRASE: usize = 4;
const SHORTEST_WORD_WITH_A_SLIP: usize = 5;

struct Index {
    phrases: HashMap<String, Concept>,
    slips: Vec<(String, Concept)>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut phrases = HashMap::new();
    let mut slips = Vec::new();
    for (concept, entries) in WORDS {
        for entry in *entries {
            let key = squeezed(&normalise::words(&normalise::text(entry)));
            if !key.contains(' ') && key.is_ascii() && key.len() >= SHORTEST_WORD_WITH_A_SLIP {
                slips.push((key.clone(), *concept));
            }
            phrases.entry(key).or_insert(*concept);
        }
    }
    Index { phrases, slips }
});

/// Finds the concepts of a message, longest phrases first, left to right.
pub fn find(words: &[String]) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let longest = LONGEST_PHRASE.min(words.len() - at);
        let phrase = (1..=longest).rev().find_map(|length| {
            let key = squeezed(&words[at..at + length]);
            let concept = *INDEX.phrases.get(&key)?;
            Some(Hit {
                concept,
                from: at,
                to: at + length,
                exact: true,
            })
        });
        match phrase.or_else(|| slip(words, at)) {
            Some(hit) => {
                hits.push(hit);
                at = hit.to;
            }
            None => at += 1,
        }
    }
    hits
}

fn slip(words: &[String], at: usize) -> Option<Hit> {
    let word = normalise::squeeze(&words[at]);
    if word.len() < SHORTEST_WORD_WITH_A_SLIP || !word.is_ascii() {
        return None;
    }
    let (_, concept) = INDEX
        .slips
        .iter()
        .find(|(known, _)| normalise::is_slip(&word, known))?;
    Some(Hit {
        concept: *concept,
        from: at,
        to: at + 1,
        exact: false,
    })
}

fn squeezed(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| normalise::squeeze(word)).collect();
    words.join(" ")
}

#[rustfmt::skip]
const WORDS: &[(Concept, &[&str])] = &[
    (Concept::Greet, &[
        "hi", "hello", "helo", "hey", "hlo", "hii sir", "namaste", "namaskar", "namaskaar", "good morning", "good evening",
        "good afternoon", "gm", "ram ram", "pranam", "salaam", "नमस्ते", "नमस्कार", "हेलो", "हाय", "हैलो", "प्रणाम",
    ]),
    (Concept::Menu, &["menu", "main menu", "options", "home", "list", "mainmenu", "मेनू", "मेन्यू", "विकल्प"]),
    (Concept::Help, &[
        "help", "madad", "sahayata", "what can you do", "how to use", "how does this work", "kya kar sakte", "kya kar sakta",
        "kaise use", "who are you", "are you a bot", "tum kaun", "aap kaun", "kaun ho", "मदद", "सहायता", "क्या कर सकते", "आप कौन",
    ]),
    (Concept::Thanks, &[
        "thanks", "thank you", "thank u", "thanku", "thnx", "thx", "tnx", "ty", "dhanyavad", "dhanyawad", "shukriya",
        "धन्यवाद", "शुक्रिया", "थैंक्यू", "थैंक्स",
    ]),
    (Concept::Yes, &[
        "yes", "y", "yeah", "yep", "haan", "ha", "han", "haa", "ji", "haanji", "ji haan", "acha", "accha", "achha", "great", "nice", "cool", "super", "badhiya", "ok", "okay", "okk", "k", "theek hai",
        "thik hai", "theek h", "kar do", "kr do", "kardo", "sure", "correct", "sahi", "sahi hai", "continue", "jari rakho", "go ahead",
        "हां", "हाँ", "जी", "जी हां", "ठीक है", "कर दो", "ओके", "अच्छा", "बढ़िया", "सही", "जारी रखें", "जारी रखो",
    ]),
    (Concept::No, &[
        "no", "n", "nahi", "nahin", "nhi", "na", "nope", "mat", "ruko", "galat", "wrong", "not now", "abhi nahi", "chhodo", "rehne do",
        "नहीं", "ना", "मत", "रुको", "गलत", "अभी नहीं", "रहने दो",
    ]),
    (Concept::Back, &["back", "go back", "wapas", "vapas", "peeche", "pichhe", "previous", "पीछे", "वापस", "वापिस"]),
    (Concept::Cancel, &["cancel", "cancel karo", "cancel kar do", "radd", "radd karo", "exit", "quit", "abort", "rad karo", "रद्द", "रद्द करो", "कैंसिल", "कैंसल"]),
    (Concept::Stop, &[
        "stop", "band", "bandh", "band karo", "band kar do", "band kr do", "bandh karo", "close", "terminate", "khatam",
        "बंद", "बंद करो", "बंद कर दो", "बन्द", "बन्द करो", "रोकिए", "स्टॉप",
    ]),
    (Concept::Unsubscribe, &[
        "unsubscribe", "unsub", "unsubscribed", "opt out", "optout", "remove me", "dont message", "do not message", "dont send",
        "do not send", "message mat bhejo", "msg mat bhejo", "mat bhejo", "messages nahi chahiye", "message nahi chahiye", "message nhi chahiye",
        "no more messages", "dnd", "अनसब्सक्राइब", "संदेश मत भेजो", "मैसेज मत भेजो", "मत भेजो",
    ]),
    (Concept::Messages, &[
        "message", "messages", "msg", "msgs", "sending", "texting", "promo", "promos", "promotion", "promotions", "promotional", "marketing", "offers", "ads", "updates",
        "spam", "notifications", "whatsapp", "मैसेज", "संदेश", "ऑफर", "विज्ञापन",
    ]),
    (Concept::Resubscribe, &[
        "opt in", "optin", "subscribe", "resubscribe", "start messages", "start promotions", "start offers", "start updates", "unstop", "सब्सक्राइब",
    ]),
    (Concept::Begin, &[
        "start", "begin", "new", "open", "chalu", "chaalu", "shuru", "chalu karo", "shuru karo", "shuru karni", "lagana", "lagao", "lagani",
        "karna", "karni", "krna", "krni", "kholna", "register", "set up", "setup", "शुरू", "शुरु", "चालू", "शुरू करनी", "शुरू करो", "शुरू करें", "लगाना", "करनी", "करना",
    ]),
    (Concept::Sip, &[
        "sip", "sips", "kist", "kisht", "installment", "instalment", "instalments", "installments", "systematic investment plan", "एसआईपी", "सिप", "किस्त", "किश्त",
    ]),
    (Concept::Pause, &["pause", "skip", "rok do", "rok", "roko", "rok dena", "hold", "mat kaatna", "mat katna", "रोक", "रोक दो", "रोको", "रोकना"]),
    (Concept::Change, &[
        "change", "modify", "increase", "decrease", "reduce", "badal", "badlo", "badalna", "badal do", "badhao", "badha do", "badhana", "kam karo",
        "edit", "update", "step up", "stepup", "top up", "topup", "बदलो", "बदल", "बदलना", "बढ़ाओ", "बढ़ाना", "कम करो",
    ]),
    (Concept::Debit, &[
        "kata", "kati", "kata kya", "kat gayi", "gayi", "bounce", "bounced", "failed", "status", "due", "deducted", "debited", "debit", "next date", "kab kategi",
        "kab katega", "कटी", "कटा", "बाउंस", "स्टेटस",
    ]),
    (Concept::Lumpsum, &["lumpsum", "lumsum", "lump sum", "one time", "onetime", "ek bar", "ek baar", "ek saath", "lumpsump", "एकमुश्त", "एक बार"]),
    (Concept::Invest, &["invest", "nivesh", "dalna", "daalna", "dalne", "buy", "purchase", "kharidna", "kharid", "lagana hai", "निवेश", "डालना", "खरीदना"]),
    (Concept::Redeem, &[
        "redeem", "redemption", "withdraw", "withdrawal", "nikal do", "nikalne", "nikalna", "nikaalna", "nikalo", "nikal", "nikaal", "bech do", "bech", "bechna",
        "sell", "encash", "mera paisa kab aayega", "paisa kab aayega", "paise kab aayenge", "निकालना", "निकालने", "निकाल", "निकालो", "बेच", "बेचना", "बेच दो",
    ]),
    (Concept::Switch, &["switch", "shift", "stp", "swp", "transfer", "move", "स्विच", "शिफ्ट"]),
    (Concept::Mandate, &["mandate", "emandate", "e mandate", "autopay", "auto pay", "nach", "bank change", "change bank", "bank account", "ifsc", "मैंडेट", "ऑटोपे", "बैंक"]),
    (Concept::Kyc, &["kyc", "ekyc", "ckyc", "kra", "pan", "pan card", "nominee", "nomination", "aadhaar", "aadhar", "केवाईसी", "नॉमिनी", "पैन", "आधार"]),
    (Concept::Statement, &[
        "statement", "statements", "soa", "cas", "capital gain", "capital gains", "80c", "tax report", "tax proof", "tax", "form 16", "account statement",
        "स्टेटमेंट", "विवरण", "टैक्स",
    ]),
    (Concept::Erase, &["data delete", "delete my data", "delete data", "mera data delete", "erase my data", "forget me", "remove my data", "डेटा डिलीट", "मेरा डेटा हटाओ"]),
    (Concept::Portfolio, &[
        "portfolio", "portfolyo", "protfolio", "holdings", "holding", "my funds", "my investments", "my investment", "mera paisa", "mere paise", "mere fund", "mere funds",
        "kitna hua", "kitna ho gaya", "current value", "my balance", "mera nivesh", "mera investment", "my sips", "पोर्टफोलियो", "होल्डिंग", "मेरा निवेश", "मेरा पैसा", "मेरे फंड", "कितना हुआ",
    ]),
    (Concept::Returns, &["returns", "return", "profit", "loss", "xirr", "gain", "munafa", "fayda", "nuksan", "cagr", "रिटर्न", "मुनाफा", "लाभ", "नुकसान"]),
    (Concept::Mine, &["my", "mera", "mere", "meri", "mine", "apna", "मेरा", "मेरे", "मेरी", "अपना"]),
    (Concept::Nav, &["nav", "navs", "net asset value", "bhav", "unit price", "एनएवी", "नेव", "भाव"]),
    (Concept::Fact, &[
        "exit load", "risk", "risky", "riskometer", "risk o meter", "expense ratio", "ter", "minimum", "min sip", "minimum sip", "category", "details", "detail", "about", "aum", "fund manager",
        "manager", "lock in", "lockin", "fund info", "fund details", "scheme details", "jankari", "jaankari", "benchmark", "जोखिम", "एग्जिट लोड", "खर्च अनुपात", "जानकारी", "न्यूनतम",
    ]),
    (Concept::Calculator, &[
        "calculator", "calc", "calculate", "calculation", "calculater", "kitna banega", "kitna milega", "kitna hoga", "kitne banenge", "kitna ho jayega", "how much will", "how much would", "hisab", "hisaab",
        "illustration", "sip calculator", "कैलकुलेटर", "हिसाब", "कितना बनेगा", "कितना मिलेगा", "कितना होगा", "गणना",
    ]),
    (Concept::Language, &["language", "bhasha", "languages", "change language", "language change", "bhasha badlo", "भाषा", "भाषा बदलो", "भाषा बदलें"]),
    (Concept::English, &["english", "angrezi", "eng", "in english", "english me", "english mein", "english please", "अंग्रेजी", "इंग्लिश", "अंग्रेजी में", "इंग्लिश में"]),
    (Concept::Hindi, &["hindi", "in hindi", "hindi me", "hindi mein", "hindi main", "hindi please", "हिंदी", "हिन्दी", "हिंदी में", "हिन्दी में"]),
    (Concept::Hinglish, &["hinglish", "hinglish me", "hinglish mein", "in hinglish", "roman hindi", "हिंग्लिश"]),
    (Concept::Speak, &[
        "baat karo", "baat kro", "baat kare", "baat karein", "baat kijiye", "bolo", "boliye", "bole", "likho", "likhiye", "jawab do", "speak", "talk in", "talk to me in", "speak to me in", "reply", "reply in",
        "answer in", "write in", "chat in", "बात करो", "बात करें", "बात कीजिए", "बोलो", "बोलिए", "लिखो", "लिखिए", "जवाब दो",
    ]),
    (Concept::Question, &[
        "what", "whats", "what is", "what are", "what happens", "kya hai", "kya h", "kya hota", "kya hota hai", "kya hoti", "kya hoti hai", "kya hote", "kya hoga", "kya hogi", "kya cheez", "matlab", "meaning", "means",
        "explain", "define", "samjhao", "samjhaiye", "difference", "fark", "farak", "why", "kyu", "kyun", "kyon", "work", "works", "kaam karta", "kaam karti", "kaise kaam",
        "क्या है", "क्या होता", "क्या होता है", "क्या होती", "क्या होती है", "क्या होगा", "मतलब", "समझाओ", "समझाइए", "क्यों", "काम करता", "काम करती",
    ]),
    (Concept::Whether, &["kya", "क्या", "ke bare", "ke baare", "के बारे"]),
    (Concept::Person, &[
        "agent", "human", "person", "executive", "customer care", "call me", "call karo", "call kro", "talk to", "speak to", "speak with", "baat karni", "baat karna", "baat karao", "baat karwao", "insaan", "aadmi",
        "representative", "operator", "kisi se baat", "real person", "support", "agent se baat", "phone karo", "एजेंट", "इंसान", "बात करनी", "बात कराओ", "बात करनी है", "बात कराइए", "कॉल करो", "व्यक्ति",
    ]),
    (Concept::Complaint, &[
        "complaint", "complain", "complaints", "fraud", "cheat", "cheated", "cheating", "scam", "not received", "without my permission", "sebi", "court", "shikayat", "shikaayat", "dhokha", "dhoka", "paisa kat gaya",
        "paise kat gaye", "paise kat gaya", "units nahi aaye", "units nhi aaye", "police", "legal notice", "grievance", "ombudsman", "scores", "शिकायत", "धोखा", "धोखाधड़ी", "पैसा कट गया", "पैसे कट गए", "फ्रॉड", "कोर्ट",
    ]),
    (Concept::Advice, &[
        "best", "best fund", "konsa fund", "kaunsa fund", "kon sa fund", "kaun sa fund", "which fund", "which sip", "which mutual fund", "recommend", "recommendation", "suggest", "suggestion", "advice", "advise", "salah",
        "should i", "double", "guaranteed", "guarantee", "safe", "market gir", "kya karu", "kya karun", "sabse acha", "sabse accha", "sabse achha", "accha fund", "acha fund", "achha fund", "good fund", "top fund", "top funds",
        "kahan invest", "kaha invest", "where to invest", "where should", "multibagger", "will it go up", "सलाह", "कौन सा फंड", "कौनसा फंड", "सबसे अच्छा", "अच्छा फंड", "गारंटी", "क्या करूं", "डबल",
    ]),
    (Concept::OffTopic, &[
        "weather", "cricket", "ipl", "joke", "shayari", "movie", "song", "recipe", "bitcoin", "crypto", "loan", "credit card", "insurance", "stock tip", "stock tips", "intraday", "forex", "lottery", "job", "naukri", "mausam", "election",
        "मौसम", "क्रिकेट", "चुटकुला", "लोन", "बीमा", "नौकरी",
    ]),
    (Concept::Fund, &[
        "hdfc", "sbi", "icici", "prudential", "pru", "axis", "nippon", "parag", "parikh", "ppfas", "kotak", "uti", "mirae", "dsp", "tata", "quant", "aditya", "birla", "absl", "franklin", "templeton", "motilal", "oswal",
        "edelweiss", "canara", "robeco", "invesco", "bandhan", "idfc", "sundaram", "hsbc", "lic", "baroda", "bnp", "mahindra", "manulife", "whiteoak", "pgim", "quantum", "navi", "zerodha", "groww", "union", "jm", "samco", "helios",
        "flexi", "flexicap", "cap", "smallcap", "midcap", "largecap", "multicap", "small", "mid", "large", "multi", "elss", "liquid", "nifty", "sensex", "index", "bluechip", "gilt", "overnight", "balanced", "hybrid", "arbitrage",
        "gold", "silver", "etf", "fof", "tax saver", "taxsaver", "equity", "debt", "bond", "contra", "focused", "value fund", "advantage", "technology", "pharma", "infrastructure", "growth", "direct", "regular", "idcw",
        "एचडीएफसी", "एसबीआई", "फ्लेक्सी", "स्मॉल", "मिडकैप", "लिक्विड", "निफ्टी",
    ]),
    (Concept::Filler, &[
        "all", "the", "a", "an", "of", "is", "are", "for", "to", "in", "on", "at", "and", "with", "please", "pls", "plz", "kindly", "show", "tell", "give", "get", "me", "i", "you", "we", "it", "this", "that", "how",
        "much", "many", "can", "could", "do", "did", "does", "want", "need", "would", "will", "like", "know", "see", "check", "current", "latest", "today", "todays", "now", "sir", "madam", "mam", "bhai", "bro", "dear", "aaj", "ka",
        "ki", "ke", "ko", "se", "mein", "me", "par", "pe", "hai", "h", "hain", "hu", "hun", "kitna", "kitni", "kitne", "batao", "bata", "bataiye", "batana", "btao", "bta", "dikhao", "dikha", "dikhaiye", "bhejo", "bhej", "dedo", "de",
        "karo", "kar", "kro", "kr", "karna hai", "chahiye", "chaiye", "mujhe", "mujhko", "ab", "tak", "abhi", "is", "us", "wala", "wali", "yeh", "ye", "woh", "wo", "jo", "mutual", "scheme", "fund", "funds", "my fund", "price", "value", "from", "by", "am",
        "ho", "hoga", "gaya", "raha", "liye", "naam", "name", "send", "just", "also", "then", "kaise", "rupees", "rupaye", "rs", "inr", "monthly", "month", "mahine", "mahina", "har", "per", "every", "something", "anything", "someone", "somebody",
        "का", "की", "के", "को", "से", "में", "पर", "है", "हैं", "हूं", "हो", "कितना", "कितनी", "बताओ", "बताइए", "बताएं", "दिखाओ", "दिखाइए", "दिखाएं", "भेजो", "भेजिए", "मुझे", "चाहिए", "आज", "अब", "तक", "फंड", "दो", "कर", "करो", "करें", "यह", "कृपया", "और",
        "हर", "महीने", "रुपये", "रुपए", "दीजिए", "कैसे",
    ]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn concepts(text: &str) -> Vec<Concept> {
        find(&normalise::words(&normalise::text(text)))
            .iter()
            .map(|hit| hit.concept)
            .collect()
    }

    #[test]
    fn phrases_win_over_their_parts_and_slips_are_forgiven() {
        assert_eq!(concepts("exit load"), [Concept::Fact]);
        assert_eq!(concepts("portfoloi"), [Concept::Portfolio]);
        assert_eq!(concepts("menuuu"), [Concept::Menu]);
        assert_eq!(concepts("qwerty"), []);
        assert_eq!(concepts("बढ़ाओ"), [Concept::Change]);
    }
}
