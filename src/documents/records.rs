//! From the records of `investing` to the facts of documents. What the records leave open
//! stays open here.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::course::{Line, by_month, course};
use super::facts::{
    Account, Gains, History, Holding, Movement, Point, SchemeGains, Sip, Sips, Sold,
};
use crate::id::ContactId;
use crate::investing::history::History as Recorded;
use crate::investing::ports::Seal;
use crate::investing::realised::{tax_year, term};
use crate::investing::{Investing, Kind, Paise, Portfolio, Return, Transaction};

/// Everything documents of one contact are made from.
pub(super) struct Records {
    /// In whose name.
    pub(super) investor: Option<String>,
    pub(super) pan: Option<String>,
    pub(super) account: Account,
    pub(super) histories: Vec<History>,
    recorded: Vec<Recorded>,
    /// Categories, by place in `recorded`.
    categories: Vec<Option<String>>,
    /// NAVs on record, by place in `recorded`.
    navs: Vec<BTreeMap<Date, Decimal>>,
}

impl Records {
    /// Reads what is on record; every day's NAV only if it is asked for.
    pub(super) async fn load(
        investing: &Investing,
        contact: ContactId,
        today: Date,
        with_series: bool,
        seal: &dyn Seal,
    ) -> anyhow::Result<Self> {
        let holder = investing.holder(contact, seal).await?;
        let portfolio = investing.portfolio(contact, today, seal).await?;
        let recorded = investing.histories(contact, seal).await?;
        let catalog = investing.catalog();
        let category = |scheme| {
            let scheme = catalog.get(scheme)?;
            (!scheme.category.is_empty()).then(|| scheme.category.clone())
        };
        let account = portfolio.map_or_else(Account::default, |portfolio| {
            account(&portfolio, &recorded, category)
        });
        let mut navs = Vec::with_capacity(recorded.len());
        for history in &recorded {
            let transactions = history.transactions.iter();
            let mut known: BTreeMap<Date, Decimal> = transactions
                .filter_map(|t| Some((t.date, t.nav?)))
                .collect();
            let listed = history.scheme.and_then(|code| catalog.get(code)?.nav);
            for nav in [history.nav, listed].into_iter().flatten() {
                known.insert(nav.date, nav.value);
            }
            let first = history.transactions.first().map(|t| t.date);
            if let Some((code, first)) = history.scheme.zip(first).filter(|_| with_series) {
                let series = investing.nav_series(code, first, today).await?;
                known.extend(series.into_iter().map(|nav| (nav.date, nav.value)));
            }
            navs.push(known);
        }
        let categories = recorded
            .iter()
            .map(|history| history.scheme.and_then(&category))
            .collect();
        Ok(Self {
            categories,
            investor: holder.name,
            pan: holder.pan,
            account,
            histories: recorded.iter().map(history).collect(),
            recorded,
            navs,
        })
    }

    /// Returns value over time, if the records go back to the first purchase.
    pub(super) fn value_points(&self) -> Vec<Point> {
        if self.recorded.iter().any(|history| !history.is_complete) {
            return Vec::new();
        }
        let lines: Vec<_> = self
            .recorded
            .iter()
            .zip(&self.navs)
            .map(|(history, navs)| Line {
                money: history.flows.iter().map(|(d, m)| (*d, -*m)).collect(),
                units: moved(&history.transactions).collect(),
                navs: navs.clone(),
            })
            .collect();
        course(&lines)
    }

    /// Returns what the instalments seen in statements became, month by month, and how
    /// many SIPs are left out because units of them were sold.
    pub(super) fn sip_points(&self) -> (Vec<Point>, usize) {
        let mut left_out = 0;
        let mut lines = Vec::new();
        for (history, navs) in self.recorded.iter().zip(&self.navs) {
            let instalments = instalments(&history.transactions);
            if instalments.is_empty() {
                continue;
            }
            if has_sold(history) {
                left_out += 1;
                continue;
            }
            lines.push(Line {
                money: instalments.iter().map(|i| (i.date, i.paid)).collect(),
                units: instalments.iter().map(|i| (i.date, i.units)).collect(),
                navs: navs.clone(),
            });
        }
        (by_month(&course(&lines)), left_out)
    }

    /// Returns what was gained by selling in a tax year. Where records are incomplete the
    /// cost of what went is not known, and the scheme is named instead.
    pub(super) fn gains(&self, year: i16) -> Gains {
        let mut gains = Gains {
            year,
            ..Gains::default()
        };
        for (history, category) in self.recorded.iter().zip(&self.categories) {
            let of_year = history.realised.iter().filter(|r| tax_year(r.sold) == year);
            let lots: Vec<_> = of_year
                .map(|r| Sold {
                    sold: r.sold,
                    bought: r.bought,
                    units: r.units,
                    proceeds: r.proceeds,
                    cost: r.cost,
                    gain: r.gain(),
                    term: category
                        .as_deref()
                        .and_then(|category| term(category, r.bought, r.sold)),
                })
                .collect();
            // A sale of units no purchase is on record for has no lots at all.
            let has_sold = history.transactions.iter().any(|t| {
                matches!(t.kind, Kind::Redemption | Kind::SwitchOut) && tax_year(t.date) == year
            });
            if !history.is_complete && has_sold {
                gains.unknown.push(history.name.clone());
            } else if !lots.is_empty() {
                gains.schemes.push(SchemeGains {
                    amc: history.amc.clone(),
                    folio: history.folio.clone(),
                    scheme: history.name.clone(),
                    lots,
                });
            }
        }
        gains
    }

    /// Returns the SIPs seen in statements.
    pub(super) fn sips(&self) -> Sips {
        let mut dates: Vec<Date> = Vec::new();
        let mut sips = Vec::new();
        for (history, navs) in self.recorded.iter().zip(&self.navs) {
            let instalments = instalments(&history.transactions);
            let (Some(first), Some(last)) = (instalments.first(), instalments.last()) else {
                continue;
            };
            let nav = navs.last_key_value().filter(|_| !has_sold(history));
            let units: Decimal = instalments.iter().map(|i| i.units).sum();
            let value = nav.and_then(|(_, nav)| Paise::from_rupees(units.checked_mul(*nav)?));
            dates.extend(nav.filter(|_| value.is_some()).map(|(date, _)| *date));
            sips.push(Sip {
                scheme: history.name.clone(),
                folio: Some(history.folio.clone()),
                amount: Some(last.paid),
                frequency: None,
                day: None,
                since: Some(first.date),
                done: instalments.len(),
                missed: 0,
                invested: instalments.iter().map(|i| i.paid).sum(),
                value,
                status: None,
            });
        }
        Sips {
            sips,
            nav_dates: dates.iter().min().copied().zip(dates.iter().max().copied()),
        }
    }
}

/// An instalment with the stamp duty that was paid with it.
struct Instalment {
    date: Date,
    paid: Paise,
    units: Decimal,
}

fn instalments(transactions: &[Transaction]) -> Vec<Instalment> {
    let mut found: Vec<Instalment> = Vec::new();
    let mut last = None;
    for t in transactions {
        match t.kind {
            Kind::PurchaseSip => found.push(Instalment {
                date: t.date,
                paid: t.amount.unwrap_or_default(),
                units: t.units.unwrap_or_default(),
            }),
            // Duty stands below the purchase it was paid for.
            Kind::StampDutyTax if last == Some((t.date, Kind::PurchaseSip)) => {
                if let Some(instalment) = found.last_mut() {
                    instalment.paid = instalment.paid + t.amount.unwrap_or_default();
                }
            }
            _ => {}
        }
        last = Some((t.date, t.kind));
    }
    found
}

fn has_sold(history: &Recorded) -> bool {
    let mut moved = moved(&history.transactions);
    moved.any(|(_, units)| units < Decimal::ZERO)
}

fn moved(transactions: &[Transaction]) -> impl Iterator<Item = (Date, Decimal)> {
    transactions.iter().filter_map(|t| Some((t.date, t.units?)))
}

fn account(
    portfolio: &Portfolio,
    recorded: &[Recorded],
    category: impl Fn(crate::investing::SchemeCode) -> Option<String>,
) -> Account {
    let is_incomplete = |folio: &str, name: &str| {
        let history = recorded.iter().find(|h| h.folio == folio && h.name == name);
        history.is_some_and(|history| !history.is_complete)
    };
    let holdings: Vec<_> = portfolio
        .holdings
        .iter()
        .map(|held| Holding {
            amc: held.amc.clone(),
            folio: held.folio.clone(),
            scheme: held.name.clone(),
            category: held.scheme.and_then(&category),
            units: held.units,
            nav: held.nav.map(|nav| (nav.value, nav.date)),
            value: held.value,
            cost: held.cost,
            gain: held.gain,
            elsewhere: held.elsewhere,
            incomplete: is_incomplete(&held.folio, &held.name),
        })
        .collect();
    let is_valued = holdings.iter().any(|held| held.value.is_some());
    let xirr = match portfolio.xirr {
        Return::None if holdings.is_empty() => None,
        rate => Some(rate),
    };
    Account {
        value: (is_valued || holdings.is_empty()).then_some(portfolio.value),
        cost: portfolio.cost,
        gain: portfolio.gain,
        absolute: portfolio.absolute,
        xirr,
        nav_dates: portfolio.nav_dates,
        records_to: portfolio.statement_to,
        holdings,
    }
}

fn history(recorded: &Recorded) -> History {
    History {
        amc: recorded.amc.clone(),
        folio: recorded.folio.clone(),
        scheme: recorded.name.clone(),
        movements: recorded
            .transactions
            .iter()
            .map(|t| Movement {
                date: t.date,
                kind: t.kind,
                amount: t.amount,
                units: t.units,
                nav: t.nav,
                balance: t.balance,
            })
            .collect(),
        incomplete: !recorded.is_complete,
    }
}
