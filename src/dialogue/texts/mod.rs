//! Everything the bot can say, each text with exactly the facts it may state.
//!
//! Amounts, dates and rates come in as finished strings: how India writes them is decided
//! in `investing`, not in a template.

#[macro_use]
mod journeys;
mod lines;
#[macro_use]
mod money;

use serde::Serialize;

pub use lines::{Facts, Figures, Fund, Level, MandateLine, OrderLine, RecordLines, SipLine};

use super::understanding::Language;

macro_rules! texts {
    ($($(#[$doc:meta])* $variant:ident = $name:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? };)*) => {
        /// A text and its facts.
        #[derive(Debug, Clone, Serialize)]
        #[serde(untagged)]
        pub enum Text<'a> {
            $($(#[$doc])* $variant { $($(#[$field_doc])* $field: $type),* },)*
        }

        impl Text<'_> {
            /// Returns the name of its template.
            pub const fn template(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $name,)*
                }
            }
        }

        /// Every template: its language, its name and its words.
        pub const SOURCES: &[(Language, &str, &str)] = &[
            $(
                (Language::En, $name, include_str!(concat!("../../../templates/en/", $name, ".txt"))),
                (Language::Hi, $name, include_str!(concat!("../../../templates/hi/", $name, ".txt"))),
                (Language::Hinglish, $name, include_str!(concat!("../../../templates/hinglish/", $name, ".txt"))),
            )*
        ];
    };
}

with_money! { with_journeys! { texts! {
    /// The choice of topics.
    Menu = "menu" {
        /// What to call them, when greeting.
        name: Option<&'a str>,
        /// Whether to say hello.
        greets: bool,
    };
    /// What this can do.
    Help = "help" {};
    /// Says who wrote an answer, below it.
    AssistantNote = "assistant_note" {};
    /// An answer to thanks.
    Thanks = "thanks" {};
    /// What was under way is dropped.
    Cancelled = "cancelled" {};
    /// An answer to an "ok" that nothing waited for.
    Noted = "noted" {};
    /// What a SIP is.
    SipInfo = "sip_info" {};
    /// What a word of investing means.
    Glossary = "glossary" {
        /// Which.
        term: &'a str,
    };
    /// A question that has no answer here.
    Question = "question" {};
    /// Offers a sum with an amount that was said alone.
    CalculatorOffer = "calculator_offer" {
        /// Monthly amount.
        amount: &'a str,
    };
    /// Nothing was under way to be confirmed.
    NothingToConfirm = "nothing_to_confirm" {};
    /// Asks which fund.
    NavAsk = "nav_ask" {};
    /// One scheme.
    Nav = "nav" {
        /// Name with plan and option.
        name: &'a str,
        /// Fund house.
        amc: &'a str,
        /// Category.
        category: &'a str,
        /// Plan, or that it is not on record.
        plan: &'a str,
        /// Option, or that it is not on record.
        option: &'a str,
        /// NAV in rupees, if there is one.
        nav: Option<&'a str>,
        /// Its date.
        date: Option<&'a str>,
        /// Whether that date is more than a week ago.
        is_old: bool,
        /// What its rules say, if they are on record.
        terms: Option<&'a Facts>,
    };
    /// Several schemes could be meant.
    NavChoose = "nav_choose" {
        /// What was typed.
        query: &'a str,
        /// Their names, numbered in order.
        names: &'a [String],
    };
    /// No scheme is near enough.
    NavNothing = "nav_nothing" {
        /// What was typed.
        query: &'a str,
    };
    /// What they hold.
    Portfolio = "portfolio" {
        /// The figures of the whole.
        total: &'a Figures,
        /// Whether some of the funds have no NAV, so that their value is not in the total.
        partly: bool,
        /// The funds that fit.
        funds: &'a [Fund],
        /// How many are left out.
        more: usize,
        /// Last day of the statement it comes from.
        statement_to: Option<&'a str>,
        /// NAV date, or the oldest and newest.
        nav_dates: Option<&'a str>,
    };
    /// Nothing was imported for them.
    PortfolioNone = "portfolio_none" {
        /// The distributor.
        distributor: &'a str,
        /// Whether we know the mobile number they write from.
        has_phone: bool,
    };
    /// Their number changed, and nobody has made sure yet that it is still they.
    Unverified = "unverified" {
        /// The distributor.
        distributor: &'a str,
    };
    /// Offers an interrupted calculation again.
    Resume = "resume" {
        /// `sip`, `once`, `step_up`, `goal` or `swp`.
        sum: &'a str,
        /// Its amount, if it was said.
        amount: Option<&'a str>,
    };
    /// Asks which language.
    LanguageAsk = "language_ask" {};
    /// The language has changed.
    LanguageSet = "language_set" {};
    /// Marketing has stopped.
    OptedOut = "opted_out" {};
    /// Marketing may come.
    OptedIn = "opted_in" {};
    /// How to ask for marketing.
    OptInHow = "opt_in_how" {};
    /// A person will take over.
    Agent = "agent" {
        /// Where else to turn, if there is such a place.
        grievance: Option<&'a str>,
    };
    /// A complaint is recorded, and where to take it next.
    Complaint = "complaint" {
        /// Its number.
        number: &'a str,
        /// Our grievance contact, if there is one.
        grievance: Option<&'a str>,
    };
    /// How far a complaint is.
    ComplaintStatus = "complaint_status" {
        /// Its number; none is on the register without one.
        number: Option<&'a str>,
        /// The day it was lodged.
        opened: Option<&'a str>,
        /// The day it was closed, if it is.
        closed: Option<&'a str>,
        /// Our grievance contact, if there is one.
        grievance: Option<&'a str>,
    };
    /// Asks which paper.
    PaperChoose = "paper_choose" {};
    /// A paper is being made.
    PaperComing = "paper_coming" {
        /// Which.
        what: &'a str,
        /// Whether it is about tax.
        is_tax: bool,
    };
    /// Asks which financial year.
    TaxChoose = "tax_choose" {};
    /// Why there are no rewards.
    Rewards = "rewards" {};
    /// How somebody may be invited.
    Referral = "referral" {};
    /// Why nobody is ranked.
    Leaderboard = "leaderboard" {};
    /// Why no portfolio is copied.
    CopyPortfolio = "copy_portfolio" {};
    /// Index levels.
    Market = "market" {
        /// The levels on record.
        levels: &'a [Level],
    };
    /// Asks which kind of fund.
    FundsKinds = "funds_kinds" {
        /// Whether one was asked for that no scheme is of.
        is_none: bool,
    };
    /// Schemes of a kind.
    FundsOfKind = "funds_of_kind" {
        /// The kind.
        kind: &'a str,
        /// How many there are.
        count: usize,
        /// How many are offered below.
        shown: usize,
    };
    /// Schemes side by side.
    FundCompare = "fund_compare" {
        /// The schemes.
        funds: &'a [Facts],
    };
    /// Asks which schemes to compare.
    CompareAsk = "compare_ask" {
        /// A name that could not be told.
        missing: Option<&'a str>,
    };
    /// Asks where notices are to go.
    Notices = "notices" {};
    /// Where notices go from now on.
    NoticesSet = "notices_set" {
        /// Where.
        where_to: &'a str,
    };
    /// A link to a calendar is coming.
    CalendarComing = "calendar_coming" {};
    /// What is kept, and why.
    Privacy = "privacy" {
        /// The distributor.
        distributor: &'a str,
    };
    /// An answer to somebody in distress.
    Distress = "distress" {};
    /// An answer to abuse.
    Abuse = "abuse" {};
    /// No recommendations in chat.
    Advice = "advice" {};
    /// Not available in chat yet.
    Later = "later" {
        /// What was asked for.
        what: &'a str,
    };
    /// Not about mutual funds.
    OffTopic = "off_topic" {};
    /// Not understood.
    Unknown = "unknown" {
        /// A fund that may be meant.
        guess: Option<&'a str>,
    };
    /// Something that cannot be read here.
    Unreadable = "unreadable" {
        /// What it is.
        what: &'a str,
        /// Whether it may be a statement, which a person can take.
        is_document: bool,
    };
    /// A button of an earlier message.
    Stale = "stale" {};
    /// The conversation had to start again.
    Lost = "lost" {};
    /// A message could not be handled.
    Apology = "apology" {};
    /// Who we are.
    Identity = "identity" {
        /// The distributor.
        distributor: &'a str,
        /// `AMFI-registered Mutual Fund Distributor`.
        registration: &'a str,
        /// Its number.
        arn: &'a str,
    };
    /// Where money goes, and where our registration is found.
    MoneyGoes = "money_goes" {};
    /// What dealing here costs.
    Charges = "charges" {};
    /// A one-time code was written here.
    NeverAnOtp = "never_an_otp" {};
    /// Somebody died.
    Bereaved = "bereaved" {};
    /// The figures assume a rate.
    Illustration = "illustration" {
        /// `instalments`, `once` or `withdrawals`.
        basis: &'a str,
        /// Percent per year.
        rate: &'a str,
    };
    /// Past performance.
    PastPerformance = "past_performance" {
        /// The statutory words.
        words: &'a str,
    };
    /// Market risk.
    MarketRisk = "market_risk" {
        /// The statutory words.
        words: &'a str,
    };
    /// How we are paid.
    Commission = "commission" {};
} } }

#[cfg(test)]
pub(crate) mod samples;
