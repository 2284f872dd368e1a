//! What leaving early costs; that of the day of *purchase* applies, lot by lot.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::investing::money::Paise;

/// An exit load.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitLoad {
    /// Steps in order of days; after the last there is none.
    pub slabs: Vec<Slab>,
    /// Percent of the units bought that may go free of load.
    pub free_percent: Decimal,
}

/// One step of an exit load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slab {
    /// Units held so many days or fewer pay.
    pub days: u32,
    /// Percent of the proceeds.
    pub percent: Decimal,
}

impl ExitLoad {
    /// Returns the percent units pay that were held for `days`.
    pub fn percent(&self, days: i64) -> Decimal {
        let slab = self.slabs.iter().find(|slab| days <= i64::from(slab.days));
        slab.map_or(Decimal::ZERO, |slab| slab.percent)
    }

    /// Returns after how many days all units are free of it.
    pub fn ends_after(&self) -> u32 {
        self.slabs.last().map_or(0, |slab| slab.days)
    }

    /// Returns the load on `units` of a lot that go after `days` at `nav`; of the lot so
    /// many were bought and so many are left. Those that went before have used the free
    /// ones up first.
    pub fn on(
        &self,
        units: Decimal,
        nav: Decimal,
        days: i32,
        (bought, left): (Decimal, Decimal),
    ) -> Option<Paise> {
        let percent = self.percent(i64::from(days));
        let free = bought * self.free_percent / Decimal::ONE_HUNDRED;
        let free_left = (free - (bought - left)).max(Decimal::ZERO);
        let charged = (units - free_left).max(Decimal::ZERO);
        Paise::from_rupees(charged * nav * percent / Decimal::ONE_HUNDRED)
    }
}

/// An exit load, and the first day of purchase it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedLoad {
    /// Units bought from this day on.
    pub from: Date,
    /// What they pay, if that is on record.
    pub load: Option<ExitLoad>,
}

impl DatedLoad {
    /// Says whether none of these loads ever takes anything.
    pub fn is_nil(loads: &[Self]) -> bool {
        let is_nil = |dated: &Self| {
            dated
                .load
                .as_ref()
                .is_some_and(|load| load.slabs.is_empty())
        };
        !loads.is_empty() && loads.iter().all(is_nil)
    }

    /// Returns the load of units bought on a day, of loads in order of their days. Units
    /// older than the record pay by its first row: nothing nearer to them is known.
    pub fn of(loads: &[Self], bought: Date) -> Option<&ExitLoad> {
        let dated = loads.iter().rfind(|dated| dated.from <= bought);
        dated.or(loads.first())?.load.as_ref()
    }
}
