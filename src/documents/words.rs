//! The words of documents, in every language: lines of `documents.txt`, each a small
//! Tera template, compiled in and checked by a test.

use std::collections::HashMap;
use std::sync::LazyLock;

use tera::{Context, Tera};

use crate::language::Language;

macro_rules! words {
    ($($variant:ident = $key:literal [$($name:literal),*];)*) => {
        /// Something a document says.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the English lines of documents.txt say it")]
        pub enum Word { $($variant,)* }

        impl Word {
            /// Every word.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns its key in `documents.txt`.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),* }
            }

            /// Returns the names of what is filled in.
            pub const fn names(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($name),*]),* }
            }
        }
    };
}

const SOURCES: [(Language, &str); 3] = [
    (
        Language::En,
        include_str!("../../templates/en/documents.txt"),
    ),
    (
        Language::Hi,
        include_str!("../../templates/hi/documents.txt"),
    ),
    (
        Language::Hinglish,
        include_str!("../../templates/hinglish/documents.txt"),
    ),
];

static TERA: LazyLock<Tera> = LazyLock::new(|| {
    let mut tera = Tera::new();
    for (language, source) in SOURCES {
        for (key, text) in lines(source) {
            tera.add_raw_template(&path(language, key), text)
                .expect("a test reads every line of documents.txt");
        }
    }
    tera
});

fn lines(source: &'static str) -> HashMap<&'static str, &'static str> {
    source
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, text)| (key.trim(), text.trim()))
        .collect()
}

fn path(language: Language, key: &str) -> String {
    format!("{}/documents/{key}.txt", language.code())
}

/// Says a word in a language, with what is to be filled in.
pub fn say(language: Language, word: Word, values: &[(&'static str, &str)]) -> String {
    let mut context = Context::new();
    for (name, value) in values {
        context.insert(*name, value);
    }
    TERA.render(&path(language, word.key()), &context)
        .unwrap_or_else(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                key = word.key(),
                "a word of a document cannot be said"
            );
            word.key().to_owned()
        })
}

/// Returns a language as PDF and HTTP name it (BCP 47).
pub fn tag(language: Language) -> &'static str {
    match language {
        Language::En => "en-IN",
        Language::Hi => "hi-IN",
        Language::Hinglish => "hi-Latn-IN",
    }
}

words! {
    TitleStatement = "title_statement" [];
    TitleTransactions = "title_transactions" [];
    TitleGains = "title_gains" ["year"];
    TitleSips = "title_sips" [];
    TitleValue = "title_value" [];
    TitleCategory = "title_category" [];
    TitleAmc = "title_amc" [];
    TitleGrowth = "title_growth" [];
    Investor = "investor" [];
    Pan = "pan" [];
    MadeOn = "made_on" [];
    NavDates = "nav_dates" [];
    RecordsTo = "records_to" [];
    Period = "period" [];
    Folios = "folios" [];
    NotOnRecord = "not_on_record" [];
    Foot = "foot" ["when", "arn"];
    PageOf = "page_of" ["page", "pages"];
    Notes = "notes" [];
    Value = "value" [];
    Cost = "cost" [];
    Gain = "gain" [];
    Absolute = "absolute" [];
    Xirr = "xirr" [];
    XirrUnderOneYear = "xirr_under_one_year" [];
    XirrIncomplete = "xirr_incomplete" [];
    XirrNotPriced = "xirr_not_priced" [];
    XirrAmbiguous = "xirr_ambiguous" [];
    XirrNone = "xirr_none" [];
    Holdings = "holdings" [];
    Scheme = "scheme" [];
    Units = "units" [];
    Nav = "nav" [];
    NavDate = "nav_date" [];
    Total = "total" [];
    FolioOf = "folio_of" ["folio", "amc"];
    Elsewhere = "elsewhere" [];
    Incomplete = "incomplete" [];
    NoHoldings = "no_holdings" [];
    RiskTitle = "risk_title" [];
    Volatility = "volatility" [];
    DeepestFall = "deepest_fall" [];
    FallBetween = "fall_between" ["peak", "trough"];
    NoteRisk = "note_risk" [];
    NoteRecords = "note_records" [];
    NoteIncomplete = "note_incomplete" ["schemes"];
    NoteElsewhere = "note_elsewhere" [];
    NoteNav = "note_nav" [];
    NoteUnpriced = "note_unpriced" [];
    MarketRisk = "market_risk" ["words"];
    PastPerformance = "past_performance" ["words"];
    Date = "date" [];
    Transaction = "transaction" [];
    Amount = "amount" [];
    Balance = "balance" [];
    NoTransactions = "no_transactions" [];
    NoteIncompleteHistory = "note_incomplete_history" ["schemes"];
    KindPurchase = "kind_purchase" [];
    KindPurchaseSip = "kind_purchase_sip" [];
    KindRedemption = "kind_redemption" [];
    KindSwitchIn = "kind_switch_in" [];
    KindSwitchOut = "kind_switch_out" [];
    KindMergerIn = "kind_merger_in" [];
    KindMergerOut = "kind_merger_out" [];
    KindPayout = "kind_payout" [];
    KindReinvest = "kind_reinvest" [];
    KindStt = "kind_stt" [];
    KindStamp = "kind_stamp" [];
    KindTds = "kind_tds" [];
    KindSegregation = "kind_segregation" [];
    KindReversal = "kind_reversal" [];
    KindOther = "kind_other" [];
    Estimate = "estimate" [];
    TaxYear = "tax_year" [];
    ShortTerm = "short_term" [];
    LongTerm = "long_term" [];
    TermUnknown = "term_unknown" [];
    SoldOn = "sold_on" [];
    BoughtOn = "bought_on" [];
    Proceeds = "proceeds" [];
    TaxCost = "tax_cost" [];
    Term = "term" [];
    Sales = "sales" [];
    NoGains = "no_gains" [];
    NoteUnknownCost = "note_unknown_cost" ["schemes"];
    NoteFifo = "note_fifo" [];
    NoteTerm = "note_term" [];
    NoteGrandfathered = "note_grandfathered" [];
    NoteLacks2018 = "note_lacks_2018" ["schemes"];
    NoteNoAdvice = "note_no_advice" [];
    SipIntro = "sip_intro" ["investor", "date"];
    SipAmount = "sip_amount" [];
    SipSince = "sip_since" [];
    SipInstalments = "sip_instalments" [];
    SipMissed = "sip_missed" ["count"];
    SipInvested = "sip_invested" [];
    SipStatus = "sip_status" [];
    SipDay = "sip_day" ["frequency", "day"];
    SipCount = "sip_count" [];
    NoSips = "no_sips" [];
    NoteSips = "note_sips" [];
    FrequencyDaily = "frequency_daily" [];
    FrequencyWeekly = "frequency_weekly" [];
    FrequencyFortnightly = "frequency_fortnightly" [];
    FrequencyMonthly = "frequency_monthly" [];
    FrequencyQuarterly = "frequency_quarterly" [];
    FrequencyHalfYearly = "frequency_half_yearly" [];
    FrequencyYearly = "frequency_yearly" [];
    StatusWaiting = "status_waiting" [];
    StatusActive = "status_active" [];
    StatusPaused = "status_paused" [];
    StatusCompleted = "status_completed" [];
    StatusCancelled = "status_cancelled" [];
    StatusAutoCancelled = "status_auto_cancelled" [];
    StatusUnlinked = "status_unlinked" [];
    StatusFromStatement = "status_from_statement" [];
    Invested = "invested" [];
    NetInvested = "net_invested" [];
    Other = "other" ["count"];
    CategoryUnknown = "category_unknown" [];
    AsOf = "as_of" ["date"];
    TooFew = "too_few" [];
    LeftOut = "left_out" ["count"];
    SipsIncomplete = "sips_incomplete" ["count"];
    HasGap = "has_gap" [];
    CaptionStatement = "caption_statement" ["date", "value", "holdings"];
    CaptionTransactions = "caption_transactions" ["count", "period"];
    CaptionGains = "caption_gains" ["year", "short", "long", "unknown"];
    CaptionSips = "caption_sips" ["count", "invested", "value"];
    CaptionValue = "caption_value" ["from", "to", "value", "invested", "gain"];
    CaptionAllocation = "caption_allocation" ["title", "date", "value", "list"];
    CaptionGrowth = "caption_growth" ["from", "to", "invested", "value", "gain"];
    CaptionEmpty = "caption_empty" ["title", "why"];
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_word_is_said_in_every_language_with_all_that_is_filled_in() {
        for (language, source) in SOURCES {
            let found = lines(source);
            assert_eq!(
                found.len(),
                Word::ALL.len(),
                "{language:?}: one line a word"
            );
            for word in Word::ALL {
                let text = found.get(word.key());
                assert!(text.is_some(), "{language:?} lacks {}", word.key());
                let wants = TERA.get_template_variables(&path(language, word.key()));
                let wants: BTreeSet<_> = wants.unwrap().into_iter().collect();
                let given: BTreeSet<_> = word.names().iter().copied().collect();
                assert_eq!(wants, given, "{language:?} {}", word.key());
                let values: Vec<_> = word.names().iter().map(|name| (*name, "x1x")).collect();
                let said = say(language, *word, &values);
                assert!(!said.is_empty() && !said.contains("{{"), "{said}");
                let filled = said.matches("x1x").count();
                assert!(filled >= word.names().len(), "{language:?} {said}");
            }
        }
    }

    #[test]
    fn hindi_is_in_devanagari_and_hinglish_is_not() {
        let is_hindi = |c: char| ('\u{900}'..='\u{97f}').contains(&c);
        for word in Word::ALL {
            let values: Vec<_> = word.names().iter().map(|name| (*name, "1")).collect();
            let hinglish = say(Language::Hinglish, *word, &values);
            assert!(!hinglish.chars().any(is_hindi), "{hinglish}");
            let hindi = say(Language::Hi, *word, &values);
            let has_words = hindi.chars().any(char::is_alphabetic);
            let stays = ["NAV", "PAN", "XIRR"].contains(&hindi.as_str());
            assert!(
                !has_words || stays || hindi.chars().any(is_hindi),
                "{hindi}"
            );
        }
    }
}
