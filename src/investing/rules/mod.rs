//! Scheme rules: what may be done with a scheme, from which day on.
//!
//! AMFI's list says what a NAV is and nothing about what may be sold. That comes from a
//! platform's scheme master, changes weekly, and is data: each row holds everything that
//! is known of one scheme from its effective date on, and says whose word it is. What no
//! master states is `None`, read out as "not on record", and a check that would need it
//! to let money move refuses ([`Refusal::NotOnRecord`]).

mod ask;
mod carry;
mod cell;
mod check;
mod file;
mod load;
pub mod master;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::{Date, Time};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::calendar::{Applied, Calendar, NavClass, Side};
use super::money::Paise;
use super::orders::Frequency;
use super::scheme::SchemeCode;
use super::tax::TaxClass;
pub use crate::people::RiskLevel;

pub use ask::{Fact, PlanAsk, PurchaseAsk, RedemptionAsk, Refusal};
pub use check::{check_stp, check_switch};
pub use file::{BadRules, RowFault, parse};
pub use load::{DatedLoad, ExitLoad, Slab};

/// What is on record about a scheme from one day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemeRules {
    /// Scheme.
    pub code: SchemeCode,
    /// First day these rules are of.
    pub from: Date,
    /// Whose word this is, as shown beside the facts.
    pub source: String,
    /// The exchange's code of the scheme.
    pub exchange_code: Option<String>,
    /// How its NAV applies.
    pub class: Option<NavClass>,
    /// How its gains are taxed, where its category does not tell.
    pub tax_class: Option<TaxClass>,
    /// Whether it may be bought.
    pub purchase: Option<bool>,
    /// Whether units may be given back.
    pub redemption: Option<bool>,
    /// Whether it may be switched into.
    pub switch_in: Option<bool>,
    /// Whether it may be switched out of.
    pub switch_out: Option<bool>,
    /// Least first purchase in a folio.
    pub minimum_new: Option<Paise>,
    /// Least further purchase.
    pub minimum_additional: Option<Paise>,
    /// Purchases go up from the minimum in steps of this.
    pub multiple: Option<Paise>,
    /// Most in one purchase.
    pub maximum: Option<Paise>,
    /// Most in one instalment of a new SIP, where that is less.
    #[serde(default)]
    pub maximum_sip: Option<Paise>,
    /// Most for one PAN in a time.
    pub pan_limit: Option<PanLimit>,
    /// Least redemption in money.
    pub minimum_redemption: Option<Paise>,
    /// Least redemption in units.
    pub minimum_redemption_units: Option<Decimal>,
    /// Least value that may be left behind.
    pub minimum_balance: Option<Paise>,
    /// Until when a request counts for the day.
    pub cutoffs: Cutoffs,
    /// SIP by frequency; a frequency that is missing is not on record.
    pub sip: Offers,
    /// Withdrawal plans, likewise.
    #[serde(deserialize_with = "offers")]
    pub swp: Offers,
    /// Transfer plans out of it, likewise.
    #[serde(deserialize_with = "offers")]
    pub stp: Offers,
    /// Most instalments a SIP may be paused for; none at all is 0.
    pub sip_pause: Option<u32>,
    /// What leaving early costs.
    pub exit_load: Option<ExitLoad>,
    /// Risk-o-meter.
    pub risk: Option<RiskOMeter>,
    /// Months units are locked from their allotment on; 0 is none.
    pub lock_in_months: Option<u32>,
    /// Settlement days until units are there.
    pub units_days: Option<u32>,
    /// Settlement days until the money of a redemption is paid.
    pub payout_days: Option<u32>,
    /// New fund offer, if it is or was one.
    pub nfo: Option<Nfo>,
    /// Days the scheme alone does no business, as funds that invest overseas announce.
    pub closed_days: Vec<Date>,
}

/// Until when a request counts for the day; India's time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cutoffs {
    /// The scheme's own, of purchases.
    pub purchase: Option<Time>,
    /// The scheme's own, of redemptions.
    pub redemption: Option<Time>,
    /// The platform's, of purchases; earlier.
    pub platform_purchase: Option<Time>,
    /// The platform's, of redemptions; earlier.
    pub platform_redemption: Option<Time>,
}

/// Most that may be bought for one PAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanLimit {
    /// So much.
    pub amount: Paise,
    /// In such a time.
    pub per: Per,
}

/// The time a limit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// A day.
    Day,
    /// A calendar month.
    Month,
    /// For good.
    Ever,
}

impl Per {
    /// Returns the first day of the time a day is in; `None` is since ever.
    pub fn began(self, day: Date) -> Option<Date> {
        match self {
            Self::Day => Some(day),
            Self::Month => Some(day.first_of_month()),
            Self::Ever => None,
        }
    }

    /// Returns how many instalments of a plan fall into it at most. How many it comes to
    /// for good is up to the investor, so that only the next one counts then.
    pub fn times(self, every: Frequency) -> i64 {
        match (self, every) {
            (Self::Month, Frequency::Daily) => 23,
            (Self::Month, Frequency::Weekly) => 5,
            (Self::Month, Frequency::Fortnightly) => 3,
            _ => 1,
        }
    }
}

/// Whether a plan is offered, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    /// It is not.
    No,
    /// It is.
    Yes(PlanTerms),
}

/// Plans of one kind by how often they run.
pub type Offers = BTreeMap<Frequency, Offer>;

/// Reads offers. Rules that were stored before withdrawals and transfers ran otherwise
/// than monthly hold one offer, or none.
fn offers<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Offers, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Monthly(Option<Offer>),
        Each(Offers),
    }
    Ok(match Stored::deserialize(reader)? {
        Stored::Monthly(offer) => offer
            .map(|offer| (Frequency::Monthly, offer))
            .into_iter()
            .collect(),
        Stored::Each(offers) => offers,
    })
}

/// Terms of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTerms {
    /// Least instalment.
    pub minimum: Option<Paise>,
    /// Instalments go up from the minimum in steps of this.
    pub multiple: Option<Paise>,
    /// Days to choose from: of the month, or for weekly and fortnightly plans of the
    /// week, Monday being 1.
    pub days: Option<Vec<i8>>,
    /// Least number of instalments.
    pub instalments: Option<u32>,
}

/// The risk-o-meter, as published for a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskOMeter {
    /// Where the needle stands.
    pub level: RiskLevel,
    /// First day of the month it is of.
    pub month: Date,
}

/// A new fund offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nfo {
    /// First day.
    pub opens: Date,
    /// Last day.
    pub closes: Date,
}

impl SchemeRules {
    /// Returns rules that say nothing but whose they are.
    pub fn silent(code: SchemeCode, from: Date, source: &str) -> Self {
        Self {
            code,
            from,
            source: source.to_owned(),
            exchange_code: None,
            class: None,
            tax_class: None,
            purchase: None,
            redemption: None,
            switch_in: None,
            switch_out: None,
            minimum_new: None,
            minimum_additional: None,
            multiple: None,
            maximum: None,
            maximum_sip: None,
            pan_limit: None,
            minimum_redemption: None,
            minimum_redemption_units: None,
            minimum_balance: None,
            cutoffs: Cutoffs::default(),
            sip: Offers::new(),
            swp: Offers::new(),
            stp: Offers::new(),
            sip_pause: None,
            exit_load: None,
            risk: None,
            lock_in_months: None,
            units_days: None,
            payout_days: None,
            nfo: None,
            closed_days: Vec::new(),
        }
    }

    /// Returns until when a request counts for the day: by the platform, else by the
    /// scheme, else by what holds for its class. `None` if not even that is on record.
    pub fn cutoff(&self, side: Side) -> Option<Time> {
        let (platform, own) = match side {
            Side::Purchase => (self.cutoffs.platform_purchase, self.cutoffs.purchase),
            Side::Redemption => (self.cutoffs.platform_redemption, self.cutoffs.redemption),
        };
        let by_class = self.class.map(|class| class.cutoff(side));
        [platform, own, by_class].into_iter().flatten().min()
    }

    /// Returns the new fund offer that runs on a day.
    pub fn offer_on(&self, day: Date) -> Option<Nfo> {
        self.nfo.filter(|nfo| nfo.opens <= day && day <= nfo.closes)
    }

    /// Works out which NAV a request is expected to get and when it settles; `None` if
    /// the scheme's class is not on record.
    pub fn expected(
        &self,
        calendar: &Calendar,
        side: Side,
        requested_at: jiff::Timestamp,
        funds_at: Option<jiff::Timestamp>,
    ) -> Option<Applied> {
        let class = self.class?;
        let cutoff = self.cutoff(side)?;
        let calendar = calendar.closed_on(&self.closed_days);
        let mut applied = calendar.apply(class, side, cutoff, requested_at, funds_at);
        let days = match side {
            Side::Purchase => self.units_days,
            Side::Redemption => self.payout_days,
        };
        if let Some(days) = days {
            applied.settles = calendar.add_settlement_days(applied.received, days);
        }
        Some(applied)
    }

    /// Works out when the money of a switch into it, which comes on `out_settles`, buys
    /// units; `None` if the scheme's class is not on record.
    pub fn expected_in(&self, calendar: &Calendar, out_settles: Date) -> Option<Applied> {
        let calendar = calendar.closed_on(&self.closed_days);
        let mut applied = calendar.switch_in(self.class?, out_settles);
        if let Some(days) = self.units_days {
            applied.settles = calendar.add_settlement_days(applied.received, days);
        }
        Some(applied)
    }

    /// Works out when the money of units that went at the NAV of a day is paid; `None` if
    /// the scheme's class is not on record.
    pub fn paid_out(&self, calendar: &Calendar, nav: Date) -> Option<Date> {
        let class = self.class?;
        let calendar = calendar.closed_on(&self.closed_days);
        let usual = class.settlement_days(Side::Redemption);
        let received = calendar.received_for(class, nav);
        Some(calendar.add_settlement_days(received, self.payout_days.unwrap_or(usual)))
    }

    /// Returns the first day units allotted on `allotted` are free, if they are locked.
    pub fn locked_until(&self, allotted: Date) -> Option<Date> {
        let months = self.lock_in_months.filter(|months| *months > 0)?;
        let span = jiff::Span::new().try_months(i64::from(months)).ok()?;
        Some(allotted.saturating_add(span))
    }

    /// Returns the most that one instalment of a new SIP may be.
    pub fn most_of_sip(&self) -> Option<Paise> {
        self.maximum.into_iter().chain(self.maximum_sip).min()
    }

    /// Returns the frequencies a SIP is offered in.
    pub fn sip_frequencies(&self) -> impl Iterator<Item = Frequency> + '_ {
        let offered = |(frequency, offer): (&Frequency, &Offer)| {
            matches!(offer, Offer::Yes(_)).then_some(*frequency)
        };
        self.sip.iter().filter_map(offered)
    }
}

/// All rules on record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleBook {
    /// Of each scheme in order of their first days.
    by_code: HashMap<SchemeCode, Vec<SchemeRules>>,
}

impl RuleBook {
    /// Adds rules in place of those of the same scheme and day.
    pub fn put(&mut self, rules: SchemeRules) {
        let of_scheme = self.by_code.entry(rules.code).or_default();
        match of_scheme.binary_search_by_key(&rules.from, |r| r.from) {
            Ok(at) => of_scheme[at] = rules,
            Err(at) => of_scheme.insert(at, rules),
        }
    }

    /// Returns the rules of a scheme on a day.
    pub fn get(&self, code: SchemeCode, on: Date) -> Option<&SchemeRules> {
        let of_scheme = self.by_code.get(&code)?;
        let after = of_scheme.partition_point(|rules| rules.from <= on);
        of_scheme[..after].last()
    }

    /// Returns all rules of a scheme, the oldest first.
    pub fn history(&self, code: SchemeCode) -> &[SchemeRules] {
        self.by_code.get(&code).map_or(&[], Vec::as_slice)
    }

    /// Returns the exit loads of a scheme, each with its first day of purchase.
    pub fn loads(&self, code: SchemeCode) -> Vec<DatedLoad> {
        let each = self.history(code).iter().map(|rules| DatedLoad {
            from: rules.from,
            load: rules.exit_load.clone(),
        });
        each.collect()
    }

    /// Returns what a file states, with the later rows of scheme masters that change by it.
    pub fn with_later(&self, mut stated: Vec<SchemeRules>) -> Vec<SchemeRules> {
        let later = carry::carried(&stated, self);
        stated.extend(later);
        stated
    }

    /// Returns whether a scheme's rules of that very day are these.
    pub fn has(&self, rules: &SchemeRules) -> bool {
        self.history(rules.code).contains(rules)
    }

    /// Returns the schemes that may be bought on a day, in no order.
    pub fn sold_on(&self, on: Date) -> impl Iterator<Item = &SchemeRules> {
        self.all_on(on).filter(|rules| rules.purchase == Some(true))
    }

    /// Returns the rules of every scheme on a day, in no order.
    pub fn all_on(&self, on: Date) -> impl Iterator<Item = &SchemeRules> {
        self.by_code
            .keys()
            .filter_map(move |code| self.get(*code, on))
    }

    /// Returns how many schemes there are rules for.
    pub fn len(&self) -> usize {
        self.by_code.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_code.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    const CODE: SchemeCode = SchemeCode(122_640);

    fn from(day: Date) -> SchemeRules {
        SchemeRules::silent(CODE, day, "a test")
    }

    #[test]
    fn rules_hold_from_their_day_until_the_next() {
        let mut book = RuleBook::default();
        let (june, august) = (date(2026, 6, 1), date(2026, 8, 1));
        book.put(SchemeRules {
            minimum_new: Some(Paise(100_000)),
            ..from(august)
        });
        book.put(SchemeRules {
            minimum_new: Some(Paise(50_000)),
            ..from(june)
        });
        let minimum = |on| book.get(CODE, on).and_then(|rules| rules.minimum_new);
        assert_eq!(minimum(date(2026, 5, 31)), None);
        assert_eq!(minimum(june), Some(Paise(50_000)));
        assert_eq!(minimum(date(2026, 7, 31)), Some(Paise(50_000)));
        assert_eq!(minimum(date(2026, 12, 1)), Some(Paise(100_000)));
        let mended = SchemeRules {
            minimum_new: Some(Paise(60_000)),
            ..from(june)
        };
        book.put(mended.clone());
        assert!(book.has(&mended));
        assert_eq!((book.len(), book.history(CODE).len()), (1, 2));
        assert_eq!(book.sold_on(august).count(), 0, "nothing says it is sold");
    }

    #[test]
    fn the_earliest_cut_off_on_record_counts() {
        let mut rules = from(date(2026, 8, 1));
        assert_eq!(rules.cutoff(Side::Purchase), None);
        rules.class = Some(NavClass::Equity);
        assert_eq!(rules.cutoff(Side::Purchase), Some(time(15, 0, 0, 0)));
        rules.cutoffs.platform_purchase = Some(time(14, 30, 0, 0));
        assert_eq!(rules.cutoff(Side::Purchase), Some(time(14, 30, 0, 0)));
        assert_eq!(rules.cutoff(Side::Redemption), Some(time(15, 0, 0, 0)));
        let calendar = Calendar::shipped();
        let at = "2026-11-20T14:45:00+05:30".parse().unwrap();
        let expected = rules.expected(&calendar, Side::Purchase, at, None).unwrap();
        assert_eq!(expected.nav, date(2026, 11, 23));
        rules.closed_days = vec![date(2026, 11, 23)];
        rules.units_days = Some(3);
        let expected = rules.expected(&calendar, Side::Purchase, at, None).unwrap();
        assert_eq!(expected.nav, date(2026, 11, 25));
        assert_eq!(expected.settles, date(2026, 11, 30));
    }

    #[test]
    fn exit_load_and_lock_in_end_when_they_should() {
        let load = ExitLoad {
            slabs: vec![
                Slab {
                    days: 90,
                    percent: Decimal::TWO,
                },
                Slab {
                    days: 365,
                    percent: Decimal::ONE,
                },
            ],
            free_percent: Decimal::ZERO,
        };
        let table = [(0, 2), (90, 2), (91, 1), (365, 1), (366, 0)];
        for (days, percent) in table {
            assert_eq!(load.percent(days), Decimal::from(percent), "{days}");
        }
        assert_eq!(
            (load.ends_after(), ExitLoad::default().ends_after()),
            (365, 0)
        );
        let mut rules = from(date(2026, 8, 1));
        assert_eq!(rules.locked_until(date(2024, 2, 29)), None);
        rules.lock_in_months = Some(36);
        assert_eq!(
            rules.locked_until(date(2024, 2, 29)),
            Some(date(2027, 2, 28))
        );
    }

    #[test]
    fn rules_read_back_from_what_is_stored() {
        let mut rules = from(date(2026, 8, 1));
        rules.sip.insert(Frequency::Daily, Offer::No);
        rules.sip.insert(
            Frequency::Monthly,
            Offer::Yes(PlanTerms {
                minimum: Some(Paise(10_000)),
                ..PlanTerms::default()
            }),
        );
        rules.cutoffs.purchase = Some(time(15, 0, 0, 0));
        rules.exit_load = Some(ExitLoad::default());
        rules.class = Some(NavClass::Liquid);
        let text = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<SchemeRules>(&text).unwrap(), rules);
        assert_eq!(
            rules.sip_frequencies().collect::<Vec<_>>(),
            [Frequency::Monthly]
        );
    }
}
