//! Whether the rules let a request pass, and if not, everything that stands against it.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Offer, PanLimit, PlanTerms, SchemeRules};
use crate::investing::money::Paise;
use crate::investing::orders::{Frequency, Quantity};

/// A fact a check would have needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields of `SchemeRules`")]
pub enum Fact {
    Purchase,
    Redemption,
    SwitchIn,
    SwitchOut,
    MinimumNew,
    MinimumAdditional,
    Sip(Frequency),
    SipMinimum(Frequency),
    Stp,
    Swp,
    PlanMinimum,
}

/// Why a request may not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No master says so, and nothing is guessed where money moves.
    NotOnRecord(Fact),
    /// The scheme does not take such requests.
    NotAllowed(Fact),
    /// Nothing or less.
    NotAnAmount,
    /// Too little.
    BelowMinimum {
        /// The least.
        minimum: Paise,
    },
    /// Too much at once.
    AboveMaximum {
        /// The most.
        maximum: Paise,
    },
    /// Between two steps.
    NotAMultiple {
        /// Amounts go up from here.
        from: Paise,
        /// By so much each.
        step: Paise,
    },
    /// More than one PAN may have in the limit's time.
    AbovePanLimit {
        /// The limit.
        limit: PanLimit,
        /// What is left of it.
        left: Paise,
    },
    /// The new fund offer has not begun.
    NfoNotOpen {
        /// When it does.
        opens: Date,
    },
    /// The day is none to choose.
    DayNotOffered {
        /// Those that are: of the month or of the week, Monday being 1.
        days: Vec<i8>,
    },
    /// Too short a plan.
    TooFewInstalments {
        /// The least.
        minimum: u32,
    },
    /// Too few units.
    BelowMinimumUnits {
        /// The least.
        minimum: Decimal,
    },
    /// More than there is and may go.
    NotEnoughUnits {
        /// So many may.
        free: Decimal,
    },
    /// Everything was asked for, and a part is locked.
    LockedIn {
        /// So many units may go.
        free: Decimal,
    },
    /// What would be left is too little to stay: all of it would have to go.
    RemainderTooSmall {
        /// The least that may stay.
        minimum: Paise,
    },
    /// Switches stay within a fund house.
    OtherFundHouse,
    /// A switch into itself.
    SameScheme,
}

/// A purchase that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct PurchaseAsk {
    /// How much.
    pub amount: Paise,
    /// Whether the folio holds the scheme already.
    pub additional: bool,
    /// What the PAN has bought within the time of the scheme's [`PanLimit`], if it has
    /// one.
    pub already: Paise,
    /// Day of the request.
    pub on: Date,
}

/// A plan that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct PlanAsk {
    /// Each time.
    pub amount: Paise,
    /// How often.
    pub frequency: Frequency,
    /// First instalment: its day is the plan's.
    pub start: Date,
    /// How many; none runs until cancelled.
    pub instalments: Option<u32>,
}

/// A redemption that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct RedemptionAsk {
    /// How much.
    pub quantity: Quantity,
    /// Units held in the folio.
    pub held: Decimal,
    /// Those of them that are neither locked nor frozen nor on their way out.
    pub free: Decimal,
    /// Latest NAV, to compare money with units.
    pub nav: Option<Decimal>,
}

type Checked = Result<(), Vec<Refusal>>;

fn ended(refused: Vec<Refusal>) -> Checked {
    if refused.is_empty() {
        Ok(())
    } else {
        Err(refused)
    }
}

fn allowed(flag: Option<bool>, fact: Fact, refused: &mut Vec<Refusal>) {
    match flag {
        Some(true) => {}
        Some(false) => refused.push(Refusal::NotAllowed(fact)),
        None => refused.push(Refusal::NotOnRecord(fact)),
    }
}

/// Amounts go up from the minimum in steps.
fn amount_fits(
    amount: Paise,
    minimum: Option<Paise>,
    step: Option<Paise>,
    fact: Fact,
    refused: &mut Vec<Refusal>,
) {
    if amount.0 <= 0 {
        refused.push(Refusal::NotAnAmount);
        return;
    }
    let Some(minimum) = minimum else {
        refused.push(Refusal::NotOnRecord(fact));
        return;
    };
    if amount < minimum {
        refused.push(Refusal::BelowMinimum { minimum });
        return;
    }
    if let Some(step) = step.filter(|step| step.0 > 0)
        && (amount.0 - minimum.0) % step.0 != 0
    {
        refused.push(Refusal::NotAMultiple {
            from: minimum,
            step,
        });
    }
}

impl SchemeRules {
    /// Checks a purchase.
    pub fn check_purchase(&self, ask: &PurchaseAsk) -> Checked {
        let mut refused = Vec::new();
        allowed(self.purchase, Fact::Purchase, &mut refused);
        self.check_money_in(ask, &mut refused);
        ended(refused)
    }

    fn check_money_in(&self, ask: &PurchaseAsk, refused: &mut Vec<Refusal>) {
        let (minimum, fact) = if ask.additional {
            (self.minimum_additional, Fact::MinimumAdditional)
        } else {
            (self.minimum_new, Fact::MinimumNew)
        };
        amount_fits(ask.amount, minimum, self.multiple, fact, refused);
        if let Some(maximum) = self.maximum.filter(|maximum| ask.amount > *maximum) {
            refused.push(Refusal::AboveMaximum { maximum });
        }
        self.check_pan_limit(ask.amount, ask.already, refused);
        if let Some(nfo) = self.nfo.filter(|nfo| ask.on < nfo.opens) {
            refused.push(Refusal::NfoNotOpen { opens: nfo.opens });
        }
    }

    fn check_pan_limit(&self, amount: Paise, already: Paise, refused: &mut Vec<Refusal>) {
        if let Some(limit) = self.pan_limit {
            let left = Paise((limit.amount.0 - already.0).max(0));
            if amount > left {
                refused.push(Refusal::AbovePanLimit { limit, left });
            }
        }
    }

    /// Checks a SIP.
    pub fn check_sip(&self, ask: &PlanAsk) -> Checked {
        let mut refused = Vec::new();
        let frequency = ask.frequency;
        match self.sip.get(&frequency) {
            None => refused.push(Refusal::NotOnRecord(Fact::Sip(frequency))),
            Some(Offer::No) => refused.push(Refusal::NotAllowed(Fact::Sip(frequency))),
            Some(Offer::Yes(terms)) => {
                check_terms(ask, terms, Fact::SipMinimum(frequency), &mut refused);
            }
        }
        if let Some(maximum) = self.maximum.filter(|maximum| ask.amount > *maximum) {
            refused.push(Refusal::AboveMaximum { maximum });
        }
        self.check_pan_limit(ask.amount, Paise(0), &mut refused);
        ended(refused)
    }

    /// Checks a withdrawal plan.
    pub fn check_swp(&self, ask: &PlanAsk) -> Checked {
        let mut refused = Vec::new();
        check_offer(ask, self.swp.get(&ask.frequency), Fact::Swp, &mut refused);
        ended(refused)
    }

    /// Checks a redemption.
    pub fn check_redemption(&self, ask: &RedemptionAsk) -> Checked {
        let mut refused = Vec::new();
        allowed(self.redemption, Fact::Redemption, &mut refused);
        self.check_units_out(ask, &mut refused);
        ended(refused)
    }

    fn check_units_out(&self, ask: &RedemptionAsk, refused: &mut Vec<Refusal>) {
        let nav = ask.nav.filter(|nav| *nav > Decimal::ZERO);
        let units = match ask.quantity {
            Quantity::All => {
                if ask.free <= Decimal::ZERO {
                    refused.push(Refusal::NotEnoughUnits { free: ask.free });
                } else if ask.free < ask.held {
                    refused.push(Refusal::LockedIn { free: ask.free });
                }
                // Everything may always go, however little it is.
                return;
            }
            Quantity::Units(units) => {
                if units <= Decimal::ZERO {
                    refused.push(Refusal::NotAnAmount);
                    return;
                }
                let minimum = self.minimum_redemption_units;
                if let Some(minimum) = minimum.filter(|minimum| units < *minimum) {
                    refused.push(Refusal::BelowMinimumUnits { minimum });
                }
                Some(units)
            }
            Quantity::Amount(amount) => {
                if amount.0 <= 0 {
                    refused.push(Refusal::NotAnAmount);
                    return;
                }
                let minimum = self.minimum_redemption;
                if let Some(minimum) = minimum.filter(|minimum| amount < *minimum) {
                    refused.push(Refusal::BelowMinimum { minimum });
                }
                nav.map(|nav| amount.rupees() / nav)
            }
        };
        // Money is compared at the latest NAV: the one it will get is not known yet.
        let Some(units) = units else {
            return;
        };
        if units > ask.free {
            refused.push(Refusal::NotEnoughUnits { free: ask.free });
        } else if let Some((minimum, nav)) = self.minimum_balance.zip(nav) {
            let left = (ask.held - units) * nav;
            if left > Decimal::ZERO && left < minimum.rupees() {
                refused.push(Refusal::RemainderTooSmall { minimum });
            }
        }
    }
}

fn check_terms(ask: &PlanAsk, terms: &PlanTerms, minimum: Fact, refused: &mut Vec<Refusal>) {
    amount_fits(ask.amount, terms.minimum, terms.multiple, minimum, refused);
    let day = match ask.frequency {
        Frequency::Daily => None,
        Frequency::Weekly | Frequency::Fortnightly => {
            Some(ask.start.weekday().to_monday_one_offset())
        }
        _ => Some(ask.start.day()),
    };
    if let Some((days, day)) = terms.days.as_ref().zip(day)
        && !days.contains(&day)
    {
        refused.push(Refusal::DayNotOffered { days: days.clone() });
    }
    if let Some((minimum, asked)) = terms.instalments.zip(ask.instalments)
        && asked < minimum
    {
        refused.push(Refusal::TooFewInstalments { minimum });
    }
}

fn check_offer(ask: &PlanAsk, offer: Option<&Offer>, fact: Fact, refused: &mut Vec<Refusal>) {
    match offer {
        None => refused.push(Refusal::NotOnRecord(fact)),
        Some(Offer::No) => refused.push(Refusal::NotAllowed(fact)),
        Some(Offer::Yes(terms)) => check_terms(ask, terms, Fact::PlanMinimum, refused),
    }
}

fn check_pair(source: &SchemeRules, target: &SchemeRules, same_house: bool) -> Vec<Refusal> {
    let mut refused = Vec::new();
    if source.code == target.code {
        refused.push(Refusal::SameScheme);
    }
    if !same_house {
        refused.push(Refusal::OtherFundHouse);
    }
    allowed(source.switch_out, Fact::SwitchOut, &mut refused);
    allowed(target.switch_in, Fact::SwitchIn, &mut refused);
    refused
}

/// Checks a switch: the way out by the source's rules and the way in by the target's.
/// `incoming` is what is expected to arrive, where that is known.
pub fn check_switch(
    source: &SchemeRules,
    target: &SchemeRules,
    same_house: bool,
    out: &RedemptionAsk,
    incoming: Option<&PurchaseAsk>,
) -> Checked {
    let mut refused = check_pair(source, target, same_house);
    source.check_units_out(out, &mut refused);
    if let Some(incoming) = incoming {
        // What a switch brings is no round sum.
        let mut target = target.clone();
        target.multiple = None;
        target.check_money_in(incoming, &mut refused);
    }
    ended(refused)
}

/// Checks a transfer plan out of `source` into `target`.
pub fn check_stp(
    source: &SchemeRules,
    target: &SchemeRules,
    same_house: bool,
    ask: &PlanAsk,
) -> Checked {
    let mut refused = check_pair(source, target, same_house);
    check_offer(ask, source.stp.get(&ask.frequency), Fact::Stp, &mut refused);
    ended(refused)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::investing::rules::{Nfo, Per};
    use crate::investing::scheme::SchemeCode;

    const DAY: Date = date(2026, 8, 24);

    fn rules() -> SchemeRules {
        let monthly = PlanTerms {
            minimum: Some(Paise(50_000)),
            multiple: Some(Paise(50_000)),
            days: Some(vec![1, 5, 10]),
            instalments: Some(6),
        };
        let weekly = PlanTerms {
            days: Some(vec![1, 2]),
            ..monthly.clone()
        };
        SchemeRules {
            purchase: Some(true),
            redemption: Some(true),
            switch_in: Some(true),
            switch_out: Some(true),
            minimum_new: Some(Paise(500_000)),
            minimum_additional: Some(Paise(100_000)),
            multiple: Some(Paise(100)),
            minimum_redemption: Some(Paise(50_000)),
            minimum_redemption_units: Some(Decimal::ONE),
            minimum_balance: Some(Paise(100_000)),
            sip: [
                (Frequency::Monthly, Offer::Yes(monthly.clone())),
                (Frequency::Weekly, Offer::Yes(weekly)),
                (Frequency::Daily, Offer::No),
            ]
            .into(),
            stp: [(Frequency::Monthly, Offer::Yes(monthly))].into(),
            ..SchemeRules::silent(SchemeCode(1), DAY, "a test")
        }
    }

    fn buy(rupees: i64) -> PurchaseAsk {
        PurchaseAsk {
            amount: Paise(rupees * 100),
            additional: false,
            already: Paise(0),
            on: DAY,
        }
    }

    fn refused(checked: Checked) -> Vec<Refusal> {
        checked.unwrap_err()
    }

    #[test]
    fn a_purchase_is_measured_by_every_rule_on_record() {
        let mut rules = rules();
        assert_eq!(rules.check_purchase(&buy(5_000)), Ok(()));
        let minimum = Paise(500_000);
        assert_eq!(
            refused(rules.check_purchase(&buy(4_999))),
            [Refusal::BelowMinimum { minimum }]
        );
        let additional = PurchaseAsk {
            additional: true,
            ..buy(1_000)
        };
        assert_eq!(rules.check_purchase(&additional), Ok(()));
        let odd = PurchaseAsk {
            amount: Paise(500_050),
            ..buy(0)
        };
        assert_eq!(
            refused(rules.check_purchase(&odd)),
            [Refusal::NotAMultiple {
                from: minimum,
                step: Paise(100)
            }]
        );
        assert_eq!(
            refused(rules.check_purchase(&buy(0))),
            [Refusal::NotAnAmount]
        );
        rules.maximum = Some(Paise(10_000_000));
        let limit = PanLimit {
            amount: Paise(20_000_000),
            per: Per::Month,
        };
        rules.pan_limit = Some(limit);
        let more = PurchaseAsk {
            already: Paise(15_000_000),
            ..buy(100_001)
        };
        assert_eq!(
            refused(rules.check_purchase(&more)),
            [
                Refusal::AboveMaximum {
                    maximum: Paise(10_000_000)
                },
                Refusal::AbovePanLimit {
                    limit,
                    left: Paise(5_000_000)
                },
            ]
        );
        let opens = date(2026, 9, 1);
        rules.nfo = Some(Nfo {
            opens,
            closes: date(2026, 9, 15),
        });
        assert_eq!(
            refused(rules.check_purchase(&buy(5_000))),
            [Refusal::NfoNotOpen { opens }]
        );
        rules.nfo = None;
        rules.purchase = Some(false);
        let not_sold = [Refusal::NotAllowed(Fact::Purchase)];
        assert_eq!(refused(rules.check_purchase(&buy(5_000))), not_sold);
    }

    #[test]
    fn what_is_not_on_record_lets_no_money_move() {
        let silent = SchemeRules::silent(SchemeCode(1), DAY, "a test");
        assert_eq!(
            refused(silent.check_purchase(&buy(5_000))),
            [
                Refusal::NotOnRecord(Fact::Purchase),
                Refusal::NotOnRecord(Fact::MinimumNew)
            ]
        );
        let monthly = Frequency::Monthly;
        let ask = PlanAsk {
            amount: Paise(50_000),
            frequency: monthly,
            start: DAY,
            instalments: None,
        };
        assert_eq!(
            refused(silent.check_sip(&ask)),
            [Refusal::NotOnRecord(Fact::Sip(monthly))]
        );
        assert_eq!(
            refused(silent.check_swp(&ask)),
            [Refusal::NotOnRecord(Fact::Swp)]
        );
    }

    #[test]
    fn a_sip_keeps_to_its_frequency_days_and_length() {
        let rules = rules();
        let ask = PlanAsk {
            amount: Paise(100_000),
            frequency: Frequency::Monthly,
            start: date(2026, 9, 5),
            instalments: None,
        };
        assert_eq!(rules.check_sip(&ask), Ok(()));
        let wrong = PlanAsk {
            amount: Paise(75_000),
            start: date(2026, 9, 6),
            instalments: Some(5),
            ..ask
        };
        assert_eq!(
            refused(rules.check_sip(&wrong)),
            [
                Refusal::NotAMultiple {
                    from: Paise(50_000),
                    step: Paise(50_000)
                },
                Refusal::DayNotOffered {
                    days: vec![1, 5, 10]
                },
                Refusal::TooFewInstalments { minimum: 6 },
            ]
        );
        // 7 September 2026 is a Monday.
        let weekly = PlanAsk {
            frequency: Frequency::Weekly,
            start: date(2026, 9, 7),
            ..ask
        };
        assert_eq!(rules.check_sip(&weekly), Ok(()));
        let friday = PlanAsk {
            start: date(2026, 9, 11),
            ..weekly
        };
        assert_eq!(
            refused(rules.check_sip(&friday)),
            [Refusal::DayNotOffered { days: vec![1, 2] }]
        );
        let daily = PlanAsk {
            frequency: Frequency::Daily,
            ..ask
        };
        assert_eq!(
            refused(rules.check_sip(&daily)),
            [Refusal::NotAllowed(Fact::Sip(Frequency::Daily))]
        );
    }

    #[test]
    fn a_redemption_leaves_nothing_too_small_behind() {
        let rules = rules();
        let d = Decimal::from;
        let ask = |quantity| RedemptionAsk {
            quantity,
            held: d(100),
            free: d(80),
            nav: Some(d(50)),
        };
        let free = d(80);
        assert_eq!(rules.check_redemption(&ask(Quantity::Units(d(80)))), Ok(()));
        assert_eq!(
            refused(rules.check_redemption(&ask(Quantity::Units(d(81))))),
            [Refusal::NotEnoughUnits { free }]
        );
        assert_eq!(
            refused(rules.check_redemption(&ask(Quantity::All))),
            [Refusal::LockedIn { free }]
        );
        assert_eq!(
            rules.check_redemption(&ask(Quantity::Amount(Paise(50_000)))),
            Ok(())
        );
        assert_eq!(
            refused(rules.check_redemption(&ask(Quantity::Amount(Paise(49_999))))),
            [Refusal::BelowMinimum {
                minimum: Paise(50_000)
            }]
        );
        assert_eq!(
            refused(rules.check_redemption(&ask(Quantity::Units(Decimal::new(5, 1))))),
            [Refusal::BelowMinimumUnits {
                minimum: Decimal::ONE
            }]
        );
        let unlocked = RedemptionAsk {
            free: d(100),
            ..ask(Quantity::Units(d(90)))
        };
        assert_eq!(
            refused(rules.check_redemption(&unlocked)),
            [Refusal::RemainderTooSmall {
                minimum: Paise(100_000)
            }]
        );
        let all = RedemptionAsk {
            quantity: Quantity::All,
            ..unlocked
        };
        assert_eq!(rules.check_redemption(&all), Ok(()));
    }

    #[test]
    fn a_switch_needs_both_ends_and_one_fund_house() {
        let source = rules();
        let target = SchemeRules {
            code: SchemeCode(2),
            ..rules()
        };
        let out = RedemptionAsk {
            quantity: Quantity::All,
            held: Decimal::TEN,
            free: Decimal::TEN,
            nav: None,
        };
        let uneven = PurchaseAsk {
            amount: Paise(500_001),
            ..buy(0)
        };
        assert_eq!(
            check_switch(&source, &target, true, &out, Some(&uneven)),
            Ok(())
        );
        assert_eq!(
            refused(check_switch(&source, &target, false, &out, Some(&buy(100)))),
            [
                Refusal::OtherFundHouse,
                Refusal::BelowMinimum {
                    minimum: Paise(500_000)
                }
            ]
        );
        assert_eq!(
            refused(check_switch(&source, &source, true, &out, None)),
            [Refusal::SameScheme]
        );
        let shut = SchemeRules {
            switch_in: Some(false),
            ..target.clone()
        };
        assert_eq!(
            refused(check_switch(&source, &shut, true, &out, None)),
            [Refusal::NotAllowed(Fact::SwitchIn)]
        );
        let ask = PlanAsk {
            amount: Paise(50_000),
            frequency: Frequency::Monthly,
            start: date(2026, 9, 5),
            instalments: Some(6),
        };
        assert_eq!(check_stp(&source, &target, true, &ask), Ok(()));
        let none = SchemeRules {
            stp: [(Frequency::Monthly, Offer::No)].into(),
            ..source.clone()
        };
        assert_eq!(
            refused(check_stp(&none, &target, true, &ask)),
            [Refusal::NotAllowed(Fact::Stp)]
        );
        let weekly = PlanAsk {
            frequency: Frequency::Weekly,
            ..ask
        };
        assert_eq!(
            refused(check_stp(&source, &target, true, &weekly)),
            [Refusal::NotOnRecord(Fact::Stp)]
        );
    }
}
