//! Which day's NAV an application gets, and when its units or its money come
//! (SEBI's Master Circular for Mutual Funds of 20-Mar-2026; the overnight cut-off by its
//! circular of 22-Apr-2025).
//!
//! Two clocks count: when the request came, and when the money was there to be used.
//! Times are India's, and a cut-off includes its own minute.

use jiff::Timestamp;
use jiff::civil::{Date, Time, time};

use super::{Calendar, after, first};
use crate::clock::ist;

/// How the NAV of a scheme applies.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum NavClass {
    /// Equity, hybrid and everything else that goes by the exchange's days.
    Equity,
    /// Debt other than liquid and overnight.
    Debt,
    /// Liquid.
    Liquid,
    /// Overnight.
    Overnight,
}

impl NavClass {
    /// Returns the class of a normalised category (`Debt: Liquid`); `None` where the
    /// category is not one of ours, so that nothing is guessed.
    pub fn of_category(category: &str) -> Option<Self> {
        let (group, kind) = category.split_once(": ").unwrap_or((category, ""));
        match (group, kind) {
            ("Debt", "Liquid") => Some(Self::Liquid),
            ("Debt", "Overnight") => Some(Self::Overnight),
            ("Debt", _) | ("Index" | "ETF", "Debt") => Some(Self::Debt),
            (
                "Equity" | "Hybrid" | "Solution" | "Index" | "ETF" | "Life Cycle" | "Fund of Funds"
                | "Gold" | "Silver",
                _,
            ) => Some(Self::Equity),
            _ => None,
        }
    }

    /// Returns the cut-off that holds for everybody. Platforms close earlier, scheme by
    /// scheme: see the scheme rules.
    pub const fn cutoff(self, side: Side) -> Time {
        match (self, side) {
            (Self::Liquid | Self::Overnight, Side::Purchase) => time(13, 30, 0, 0),
            // Online requests, since 1 June 2025.
            (Self::Overnight, Side::Redemption) => time(19, 0, 0, 0),
            _ => time(15, 0, 0, 0),
        }
    }

    /// Returns after how many settlement days units or money usually come; the scheme
    /// rules may say otherwise, as they do for funds that invest overseas.
    pub const fn settlement_days(self, side: Side) -> u32 {
        match (self, side) {
            (Self::Liquid | Self::Overnight, Side::Purchase) => 0,
            (Self::Liquid | Self::Overnight, Side::Redemption)
            | (Self::Equity | Self::Debt, Side::Purchase) => 1,
            (Self::Equity | Self::Debt, Side::Redemption) => 2,
        }
    }
}

/// Working days after which the money of a redemption is late by SEBI's rule.
pub const LATEST_PAYOUT_DAYS: u32 = 3;

/// Which way the money goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// In: purchase, instalment, switch-in.
    Purchase,
    /// Out: redemption, switch-out.
    Redemption,
}

/// What a request comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The business day it counts as received on, both clocks before the cut-off.
    pub received: Date,
    /// The day whose NAV it gets; for liquid and overnight schemes perhaps a Sunday.
    pub nav: Date,
    /// The day units are there or money is paid.
    pub settles: Date,
}

impl Calendar {
    /// Returns the day whose NAV a request gets by the cut-off that holds for everybody.
    /// `funds_at` is when the money of a purchase can be used; while that is not known
    /// the answer supposes it comes with the request. It means nothing for a redemption.
    pub fn nav_date(
        &self,
        class: NavClass,
        side: Side,
        requested_at: Timestamp,
        funds_at: Option<Timestamp>,
    ) -> Date {
        let cutoff = class.cutoff(side);
        self.apply(class, side, cutoff, requested_at, funds_at).nav
    }

    /// Works a request out whole, with the cut-off that applies to it.
    pub fn apply(
        &self,
        class: NavClass,
        side: Side,
        cutoff: Time,
        requested_at: Timestamp,
        funds_at: Option<Timestamp>,
    ) -> Applied {
        let both = match side {
            Side::Purchase => funds_at.map_or(requested_at, |funds| funds.max(requested_at)),
            Side::Redemption => requested_at,
        };
        let received = self.received(class, cutoff, both);
        Applied {
            received,
            nav: self.nav_of(class, side, received),
            settles: self.add_settlement_days(received, class.settlement_days(side)),
        }
    }

    /// Works a switch-in out whole: its money arrives when the way out settles, in time
    /// for that day.
    pub fn switch_in(&self, target: NavClass, out_settles: Date) -> Applied {
        let received = first(out_settles, |day| self.is_business_day_for(target, day));
        let days = target.settlement_days(Side::Purchase);
        Applied {
            received,
            nav: self.nav_of(target, Side::Purchase, received),
            settles: self.add_settlement_days(received, days),
        }
    }

    /// Returns the business day a redemption was received on that got the NAV of a day: with
    /// liquid and overnight schemes that may be one of the days without business after it.
    pub fn received_for(&self, class: NavClass, nav: Date) -> Date {
        let mut day = nav;
        while !self.is_business_day_for(class, day) {
            match day.yesterday() {
                Ok(before) => day = before,
                Err(_) => return nav,
            }
        }
        day
    }

    fn received(&self, class: NavClass, cutoff: Time, at: Timestamp) -> Date {
        let at = at.to_zoned(ist()).datetime();
        let from = if at.time() <= cutoff {
            at.date()
        } else {
            after(at.date())
        };
        first(from, |day| self.is_business_day_for(class, day))
    }

    fn nav_of(&self, class: NavClass, side: Side, received: Date) -> Date {
        let day_before = |day: Date| day.yesterday().unwrap_or(Date::MIN);
        match (class, side) {
            (NavClass::Equity | NavClass::Debt, _) => received,
            (_, Side::Purchase) => day_before(received),
            (_, Side::Redemption) => day_before(first(after(received), |day| {
                self.is_business_day_for(class, day)
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::investing::tests::vectors;

    fn at(value: &serde_json::Value) -> Option<Timestamp> {
        // The vectors leave the seconds out.
        let text = value.as_str()?;
        let (minute, zone) = text.split_at(16);
        Some(format!("{minute}:00{zone}").parse().unwrap())
    }

    #[test]
    fn nav_dates_and_payouts_are_as_the_vectors_have_them() {
        let calendar = Calendar::shipped();
        let rows = vectors::rows("nav_date");
        assert_eq!(rows.len(), 12);
        for row in rows {
            let side = match row["side"].as_str().unwrap() {
                "purchase" => Side::Purchase,
                "redemption" => Side::Redemption,
                other => panic!("unknown side {other}"),
            };
            let classes: &[NavClass] = match row["class"].as_str().unwrap() {
                "equity_debt" => &[NavClass::Equity, NavClass::Debt],
                "liquid_overnight" => &[NavClass::Liquid, NavClass::Overnight],
                "liquid" => &[NavClass::Liquid],
                "overnight_online" => &[NavClass::Overnight],
                other => panic!("unknown class {other}"),
            };
            let requested = at(&row["submitted"]).unwrap();
            let funds = at(&row["funds"]);
            for class in classes {
                let got = calendar.nav_date(*class, side, requested, funds);
                assert_eq!(got, vectors::date(&row["nav"]), "{class:?} {row}");
                let applied = calendar.apply(*class, side, class.cutoff(side), requested, funds);
                for payout in ["payout", "payout_by_T2"] {
                    if !row[payout].is_null() {
                        assert_eq!(applied.settles, vectors::date(&row[payout]), "{row}");
                    }
                }
                if !row["payout_latest_T3"].is_null() {
                    let latest = calendar.add_settlement_days(applied.received, LATEST_PAYOUT_DAYS);
                    assert_eq!(latest, vectors::date(&row["payout_latest_T3"]));
                }
            }
        }
    }

    #[test]
    fn a_day_the_banks_are_closed_has_an_equity_nav_and_no_debt_nav() {
        let calendar = Calendar::shipped();
        let requested = "2026-08-26T11:00:00+05:30".parse().unwrap();
        let nav = |class, side| calendar.nav_date(class, side, requested, Some(requested));
        let (day, next) = (date(2026, 8, 26), date(2026, 8, 27));
        assert_eq!(nav(NavClass::Equity, Side::Purchase), day);
        assert_eq!(nav(NavClass::Debt, Side::Purchase), next);
        assert_eq!(nav(NavClass::Liquid, Side::Purchase), day);
        assert_eq!(nav(NavClass::Debt, Side::Redemption), next);
        assert_eq!(nav(NavClass::Liquid, Side::Redemption), next);
    }

    #[test]
    fn a_platform_that_closes_earlier_moves_the_nav() {
        let calendar = Calendar::shipped();
        let requested = "2026-11-20T14:45:00+05:30".parse().unwrap();
        let apply =
            |cutoff| calendar.apply(NavClass::Equity, Side::Purchase, cutoff, requested, None);
        let by_law = apply(NavClass::Equity.cutoff(Side::Purchase));
        assert_eq!(
            (by_law.received, by_law.nav),
            (date(2026, 11, 20), date(2026, 11, 20))
        );
        assert_eq!(by_law.settles, date(2026, 11, 23));
        assert_eq!(apply(time(14, 30, 0, 0)).nav, date(2026, 11, 23));
    }

    #[test]
    fn a_switch_goes_in_when_its_money_arrives() {
        let calendar = Calendar::shipped();
        let requested = "2026-11-20T10:00:00+05:30".parse().unwrap();
        let cutoff = NavClass::Equity.cutoff(Side::Redemption);
        let out = calendar.apply(NavClass::Equity, Side::Redemption, cutoff, requested, None);
        assert_eq!(
            (out.nav, out.settles),
            (date(2026, 11, 20), date(2026, 11, 25))
        );
        let into = |class| calendar.switch_in(class, out.settles).nav;
        assert_eq!(into(NavClass::Equity), date(2026, 11, 25));
        assert_eq!(into(NavClass::Liquid), date(2026, 11, 24));
    }

    #[test]
    fn the_class_follows_from_the_category_and_an_unknown_one_is_not_guessed() {
        let table = [
            ("Debt: Liquid", Some(NavClass::Liquid)),
            ("Debt: Overnight", Some(NavClass::Overnight)),
            ("Debt: Corporate Bond", Some(NavClass::Debt)),
            ("Debt", Some(NavClass::Debt)),
            ("Equity: ELSS", Some(NavClass::Equity)),
            ("Hybrid: Arbitrage", Some(NavClass::Equity)),
            ("Index: Debt", Some(NavClass::Debt)),
            ("Index: Equity", Some(NavClass::Equity)),
            ("Equity Scheme - Lunar Fund", None),
        ];
        for (category, class) in table {
            assert_eq!(NavClass::of_category(category), class, "{category}");
        }
    }

    #[test]
    fn every_category_of_the_shipped_list_has_a_class() {
        let file = include_bytes!("../../../demo/amfi/NAVAll.txt");
        let listed = crate::investing::amfi::parse(file, date(2026, 8, 22), None).unwrap();
        let without: std::collections::BTreeSet<_> = listed
            .schemes
            .iter()
            .map(|listed| listed.scheme.category.as_str())
            .filter(|category| NavClass::of_category(category).is_none())
            .collect();
        assert!(without.is_empty(), "{without:?}");
    }
}
