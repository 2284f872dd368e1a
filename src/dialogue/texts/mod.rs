//! Everything the bot can say, each text with exactly the facts it may state.
//!
//! Amounts, dates and rates come in as finished strings: how India writes them is decided
//! in `investing`, not in a template.

use serde::Serialize;

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

texts! {
    /// The choice of topics.
    Menu = "menu" {
        /// What to call them, when greeting.
        name: Option<&'a str>,
        /// Whether to say hello.
        greets: bool,
    };
    /// What this can do.
    Help = "help" {};
    /// An answer to thanks.
    Thanks = "thanks" {};
    /// What was under way is dropped.
    Cancelled = "cancelled" {};
    /// An answer to an "ok" that nothing waited for.
    Noted = "noted" {};
    /// What a SIP is.
    SipInfo = "sip_info" {};
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
    /// Asks for the monthly amount.
    CalculatorAmount = "calculator_amount" {
        /// Whether the last answer could not be used.
        again: bool,
    };
    /// Asks for how long.
    CalculatorYears = "calculator_years" {
        /// Monthly amount.
        amount: &'a str,
        /// Whether the last answer could not be used.
        again: bool,
    };
    /// Asks for the assumed rate.
    CalculatorRate = "calculator_rate" {
        /// Monthly amount.
        amount: &'a str,
        /// Whole years.
        years: u32,
        /// Months beyond them.
        months: u32,
        /// Highest rate we assume.
        highest: &'a str,
        /// Whether the last answer could not be used.
        again: bool,
    };
    /// What a SIP would come to.
    CalculatorResult = "calculator_result" {
        /// Monthly amount.
        amount: &'a str,
        /// Whole years.
        years: u32,
        /// Months beyond them.
        months: u32,
        /// Assumed rate.
        rate: &'a str,
        /// Sum of the instalments.
        invested: &'a str,
        /// Value at the end.
        value: &'a str,
        /// Value less instalments.
        gain: &'a str,
        /// The rate that was asked for, if it was higher than we assume.
        asked: Option<&'a str>,
    };
    /// Offers an interrupted calculation again.
    Resume = "resume" {
        /// Monthly amount, if it was said.
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
        /// Whether it is about a complaint.
        is_complaint: bool,
    };
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
    /// The figures assume a rate.
    Illustration = "illustration" {
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
}

/// The figures of a holding or of all.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// Value.
    pub value: Option<String>,
    /// Cost.
    pub cost: Option<String>,
    /// Gain, with its sign.
    pub gain: Option<String>,
    /// Gain against cost.
    pub absolute: Option<String>,
    /// XIRR.
    pub xirr: Option<String>,
    /// Why there is no XIRR.
    pub no_xirr: Option<&'static str>,
}

/// A fund of a portfolio.
#[derive(Debug, Clone, Serialize)]
pub struct Fund {
    /// Name.
    pub name: String,
    /// Units.
    pub units: String,
    /// NAV in rupees.
    pub nav: Option<String>,
    /// Its date.
    pub date: Option<String>,
    /// Its figures.
    pub figures: Figures,
    /// Held through another distributor.
    pub elsewhere: bool,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    fn figures(full: bool) -> &'static Figures {
        let text = |text: &str| full.then(|| text.to_owned());
        Box::leak(Box::new(Figures {
            value: text("₹1,23,456.78"),
            cost: text("₹1,00,000.00"),
            gain: text("₹23,456.78"),
            absolute: text("23.46%"),
            xirr: text("12.34%"),
            no_xirr: (!full).then_some("not shown"),
        }))
    }

    fn fund(full: bool) -> Fund {
        Fund {
            name: "HDFC Flexi Cap Fund".into(),
            units: "12.345".into(),
            nav: full.then(|| "₹2,012.3450".into()),
            date: full.then(|| "21-Aug-2026".into()),
            figures: figures(full).clone(),
            elsewhere: !full,
        }
    }

    /// Every text with everything it may say, and with as little as it may say.
    pub(crate) fn all() -> Vec<Text<'static>> {
        let mut texts = vec![
            Text::Help {},
            Text::Thanks {},
            Text::Cancelled {},
            Text::NothingToConfirm {},
            Text::NavAsk {},
            Text::NavNothing { query: "xyz" },
            Text::Noted {},
            Text::SipInfo {},
            Text::Question {},
            Text::CalculatorOffer { amount: "₹5,000" },
            Text::LanguageAsk {},
            Text::LanguageSet {},
            Text::OptedOut {},
            Text::OptedIn {},
            Text::OptInHow {},
            Text::Advice {},
            Text::Later { what: "a thing" },
            Text::OffTopic {},
            Text::Unreadable { what: "pictures" },
            Text::Stale {},
            Text::Lost {},
            Text::Apology {},
            Text::Identity {
                distributor: "Demo Distributor",
                registration: "AMFI-registered Mutual Fund Distributor",
                arn: "ARN-000000",
            },
            Text::Illustration { rate: "12" },
            Text::PastPerformance { words: "Past." },
            Text::MarketRisk { words: "Risks." },
            Text::Commission {},
        ];
        for full in [true, false] {
            texts.extend(varying(full));
        }
        texts
    }

    fn varying(full: bool) -> Vec<Text<'static>> {
        let some = |text: &'static str| full.then_some(text);
        [
            Text::Menu {
                name: some("Asha"),
                greets: full,
            },
            Text::Menu {
                name: None,
                greets: !full,
            },
            Text::Nav {
                name: "HDFC Flexi Cap Fund - Regular - Growth",
                amc: "HDFC Mutual Fund",
                category: "Equity: Flexi Cap",
                plan: "Regular",
                option: "Growth",
                nav: some("₹2,012.3450"),
                date: some("21-Aug-2026"),
                is_old: full,
            },
            Text::NavChoose {
                query: "hdfc",
                names: Box::leak(Box::new(["One".to_owned(), "Two".to_owned()])),
            },
            Text::Portfolio {
                total: figures(full),
                funds: Box::leak(Box::new([fund(true), fund(false)])),
                more: usize::from(full) * 3,
                statement_to: some("20-Aug-2026"),
                nav_dates: some("21-Aug-2026"),
            },
            Text::PortfolioNone {
                distributor: "Demo Distributor",
                has_phone: full,
            },
            Text::Unverified {
                distributor: "Demo Distributor",
            },
            Text::CalculatorAmount { again: full },
            Text::CalculatorYears {
                amount: "₹5,000",
                again: full,
            },
            Text::CalculatorRate {
                amount: "₹5,000",
                years: u32::from(full) * 10,
                months: 6,
                highest: "13",
                again: full,
            },
            Text::CalculatorResult {
                amount: "₹5,000",
                years: 10,
                months: u32::from(full) * 6,
                rate: "12",
                invested: "₹6,00,000",
                value: "₹11,61,695",
                gain: "₹5,61,695",
                asked: some("20"),
            },
            Text::Resume {
                amount: some("₹5,000"),
            },
            Text::Agent {
                grievance: some("help@example.in"),
                is_complaint: full,
            },
            Text::Unknown {
                guess: some("HDFC Flexi Cap Fund"),
            },
        ]
        .into()
    }
}
