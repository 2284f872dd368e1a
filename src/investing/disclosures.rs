//! Which required texts go with what is said or printed: by rule, never by memory.
//!
//! From SEBI's and AMFI's rules for distributors: who we are at the start of a
//! conversation, market risk with every scheme, past performance with any return figure,
//! an assumed rate said to be assumed, and how we are paid where a scheme is shown.

use rust_decimal::Decimal;

/// Version of these rules, recorded with every message that carries a required text.
pub const RULES: &str = "rules-2026-08";

/// The statutory words, always in English as prescribed.
pub const MARKET_RISK: &str = "Mutual Fund investments are subject to market risks, read all scheme related documents carefully.";

/// The statutory words, always in English as prescribed.
pub const PAST_PERFORMANCE: &str = "Past performance may or may not be sustained in future and is not a guarantee of any future returns.";

/// What we are.
pub const IDENTITY: &str = "AMFI-registered Mutual Fund Distributor";

/// What a reply is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Talk without schemes or figures.
    Talk,
    /// How investing in mutual funds works, without a scheme.
    Investing,
    /// A scheme or several.
    Scheme,
    /// What the person holds.
    Holdings {
        /// Whether a gain or a rate of return is shown.
        shows_return: bool,
    },
    /// What became of somebody's own order or plan in a scheme.
    Transaction,
    /// A sum at an assumed rate.
    Calculation {
        /// Percent per year.
        rate: Decimal,
        /// How it is reckoned.
        basis: Basis,
    },
    /// An answer of the assistant, which may be about several things at once.
    Assisted {
        /// Whether a scheme is shown.
        shows_scheme: bool,
        /// Whether a gain or a rate of return is shown.
        shows_return: bool,
        /// The rate that a sum assumes, percent per year.
        rate: Option<Decimal>,
    },
}

/// How a sum at an assumed rate is reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// An instalment at the start of each month, compounded monthly.
    Instalments,
    /// One amount, compounded yearly.
    Once,
    /// An amount taken out at the end of each month, compounded monthly.
    Withdrawals,
}

impl Basis {
    /// Returns the word a template knows it by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instalments => "instalments",
            Self::Once => "once",
            Self::Withdrawals => "withdrawals",
        }
    }
}

/// A required text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// Name, registration, ARN; an automated assistant; a person is available.
    Identity,
    /// The figures assume a rate.
    Illustration {
        /// Percent per year.
        rate: Decimal,
        /// How it is reckoned.
        basis: Basis,
    },
    /// Past performance.
    PastPerformance,
    /// Market risk.
    MarketRisk,
    /// Commission on regular plans, and that direct plans exist.
    Commission,
}

impl Disclosure {
    /// Returns the key it is recorded under.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Illustration { .. } => "illustration",
            Self::PastPerformance => "past_performance",
            Self::MarketRisk => "market_risk",
            Self::Commission => "commission",
        }
    }

    /// Returns its words, where they are prescribed to the letter.
    pub const fn prescribed(self) -> Option<&'static str> {
        match self {
            Self::PastPerformance => Some(PAST_PERFORMANCE),
            Self::MarketRisk => Some(MARKET_RISK),
            Self::Identity | Self::Illustration { .. } | Self::Commission => None,
        }
    }

    /// Returns whether words carry it; what is not prescribed to the letter cannot be told.
    pub fn stands_in(self, words: &str) -> bool {
        self.prescribed().is_some_and(|text| words.contains(text))
    }
}

/// Returns the texts a reply has to carry, in the order they stand in it.
pub fn required(subject: Subject, is_first_contact: bool) -> Vec<Disclosure> {
    let mut texts = Vec::new();
    if is_first_contact {
        texts.push(Disclosure::Identity);
    }
    match subject {
        Subject::Talk => {}
        Subject::Investing | Subject::Transaction => texts.push(Disclosure::MarketRisk),
        Subject::Scheme => texts.extend([Disclosure::Commission, Disclosure::MarketRisk]),
        Subject::Holdings { shows_return } => {
            if shows_return {
                texts.push(Disclosure::PastPerformance);
            }
            texts.push(Disclosure::MarketRisk);
        }
        Subject::Assisted {
            shows_scheme,
            shows_return,
            rate,
        } => {
            let basis = Basis::Instalments;
            texts.extend(rate.map(|rate| Disclosure::Illustration { rate, basis }));
            if shows_return || rate.is_some() {
                texts.push(Disclosure::PastPerformance);
            }
            if shows_scheme {
                texts.push(Disclosure::Commission);
            }
            texts.push(Disclosure::MarketRisk);
        }
        Subject::Calculation { rate, basis } => texts.extend([
            Disclosure::Illustration { rate, basis },
            Disclosure::PastPerformance,
            Disclosure::MarketRisk,
        ]),
    }
    texts
}

/// Returns the prescribed texts that stand in words which are not ours to write.
pub fn standing_in(words: &str) -> Vec<Disclosure> {
    let all = [Disclosure::PastPerformance, Disclosure::MarketRisk];
    all.into_iter()
        .filter(|text| text.stands_in(words))
        .collect()
}

/// Returns the keys to record with a message.
pub fn record(texts: &[Disclosure]) -> Vec<&'static str> {
    let mut keys: Vec<_> = texts.iter().map(|text| text.key()).collect();
    if !keys.is_empty() {
        keys.push(RULES);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_subject_carries_its_texts_and_talk_carries_none() {
        let keys = |subject, first| record(&required(subject, first));
        let rate = Decimal::TEN;
        assert_eq!(keys(Subject::Talk, false), Vec::<&str>::new());
        assert_eq!(keys(Subject::Talk, true), ["identity", RULES]);
        assert_eq!(keys(Subject::Investing, false), ["market_risk", RULES]);
        assert_eq!(keys(Subject::Transaction, false), ["market_risk", RULES]);
        assert_eq!(
            keys(Subject::Scheme, false),
            ["commission", "market_risk", RULES]
        );
        assert_eq!(
            keys(Subject::Holdings { shows_return: true }, true),
            ["identity", "past_performance", "market_risk", RULES]
        );
        assert_eq!(
            keys(
                Subject::Holdings {
                    shows_return: false
                },
                false
            ),
            ["market_risk", RULES]
        );
        let assisted = Subject::Assisted {
            shows_scheme: true,
            shows_return: true,
            rate: Some(rate),
        };
        assert_eq!(
            keys(assisted, false),
            [
                "illustration",
                "past_performance",
                "commission",
                "market_risk",
                RULES
            ]
        );
        assert_eq!(
            keys(
                Subject::Calculation {
                    rate,
                    basis: Basis::Once
                },
                false
            ),
            ["illustration", "past_performance", "market_risk", RULES]
        );
    }
}
