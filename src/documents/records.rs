//! From the records of `investing` to the facts of documents. What the records leave open
//! stays open here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::course::{Line, by_month, course};
use super::facts::{
    Account, Gains, Growth, History, Holding, Movement, Point, SchemeGains, SchemeRisk, Sips, Sold,
};
use super::service::Order;
use super::sips;
use crate::contacts::store::StoredContact;
use crate::investing::history::History as Recorded;
use crate::investing::orders::order::Order as Bought;
use crate::investing::orders::service::{PlanView, instalment_orders, plan_views};
use crate::investing::ports::Seal;
use crate::investing::tax::{GainRow, GainsReport, TaxYear};
use crate::investing::{Investing, Kind, Portfolio, Return, SchemeCode, Transaction};
use crate::people::store::find_investor;
use crate::pipeline::Ground;

/// Everything documents of one contact are made from.
pub(super) struct Records {
    /// In whose name.
    pub(super) investor: Option<String>,
    pub(super) pan: Option<String>,
    pub(super) account: Account,
    pub(super) histories: Vec<History>,
    recorded: Vec<Recorded>,
    /// NAVs on record, by place in `recorded`.
    navs: Vec<BTreeMap<Date, Decimal>>,
    /// Only for the document that is about them.
    gains: Option<GainsReport>,
    /// Only for the document that is about them, with the orders they made.
    plans: (Vec<PlanView>, Vec<Bought>),
    /// Names of the schemes of plans.
    names: BTreeMap<SchemeCode, String>,
}

impl Records {
    /// Reads what is on record, and only for the documents that need them each day's NAVs,
    /// the gains of a year and the plans.
    pub(super) async fn load(
        (ground, investing): (&Ground, &Investing),
        of: &StoredContact,
        today: Date,
        order: Order,
        seal: &dyn Seal,
    ) -> anyhow::Result<Self> {
        let contact = of.contact.id;
        let with_series = matches!(order, Order::PortfolioChart | Order::SipGrowthChart);
        let gains = match order {
            Order::CapitalGains { year } => {
                let year = TaxYear::of(date(year, 4, 1));
                Some(investing.gains(contact, year, today, seal).await?)
            }
            _ => None,
        };
        let mut plans = (Vec::new(), Vec::new());
        if order == Order::SipSummary {
            let mut conn = ground.db.read().await?;
            plans.0 = plan_views(&mut conn, &ground.keys, &investing.calendar(), contact).await?;
            plans.1 = instalment_orders(&mut conn, &ground.keys, contact).await?;
        }
        // What they told of themselves counts; a folio that an order opened names nobody.
        let holder = investing.holder(contact, seal).await?;
        let mut conn = ground.db.read().await?;
        let investor = find_investor(&mut conn, &of.key, contact).await?;
        drop(conn);
        let pan = investor.pan.map(|pan| pan.as_str().to_owned());
        let portfolio = investing.portfolio(contact, today, seal).await?;
        let recorded = investing.histories(contact, seal).await?;
        let catalog = investing.catalog();
        let category = |scheme| {
            let scheme = catalog.get(scheme)?;
            (!scheme.category.is_empty()).then(|| scheme.category.clone())
        };
        let risk = match &portfolio {
            Some(portfolio) if order == Order::Statement => {
                risk(investing, portfolio, today).await?
            }
            _ => Vec::new(),
        };
        let account = portfolio.map_or_else(Account::default, |portfolio| Account {
            risk,
            ..account(&portfolio, &recorded, category)
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
        let named = |view: &PlanView| {
            let code = view.plan.terms.scheme;
            Some((code, catalog.get(code)?.full_name()))
        };
        Ok(Self {
            names: plans.0.iter().filter_map(named).collect(),
            gains,
            plans,
            investor: investor.name.or(holder.name),
            pan: pan.or(holder.pan),
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

    /// Returns what the instalments on record became.
    pub(super) fn sip_growth(&self) -> Growth {
        let mut growth = Growth::default();
        let mut lines = Vec::new();
        for (history, navs) in self.recorded.iter().zip(&self.navs) {
            let sips::Bought {
                instalments,
                has_sold,
            } = sips::bought(&history.transactions);
            if instalments.is_empty() {
                continue;
            }
            if has_sold {
                growth.left_out += 1;
                continue;
            }
            growth.incomplete += usize::from(!history.is_complete);
            lines.push(Line {
                money: instalments.iter().map(|i| (i.date, i.paid)).collect(),
                units: instalments.iter().map(|i| (i.date, i.units)).collect(),
                navs: navs.clone(),
            });
        }
        growth.points = by_month(&course(&lines));
        growth
    }

    /// Returns what was gained by selling in a tax year, which the records were loaded for.
    /// Where they are incomplete the cost of what went is not known, and the scheme is
    /// named instead.
    pub(super) fn gains(&self, year: i16) -> Gains {
        let mut gains = Gains {
            year,
            ..Gains::default()
        };
        let rows = self.gains.iter().flat_map(|report| &report.rows);
        let rows: Vec<&GainRow> = rows.collect();
        for history in &self.recorded {
            let of_scheme =
                |row: &&&GainRow| row.folio == history.folio && row.name == history.name;
            let of_scheme: Vec<_> = rows.iter().filter(of_scheme).collect();
            // A sale of units no purchase is on record for has no lots at all.
            let has_sold = history.transactions.iter().any(|t| {
                matches!(t.kind, Kind::Redemption | Kind::SwitchOut)
                    && TaxYear::of(t.date).first_day().year() == year
            });
            if !history.is_complete && has_sold {
                gains.unknown.push(history.name.clone());
                continue;
            }
            if of_scheme.is_empty() {
                continue;
            }
            gains.counts_2018 |= of_scheme.iter().any(|row| row.cost != row.paid);
            if of_scheme.iter().any(|row| row.lacks_nav_of_2018) {
                gains.lacks_2018.push(history.name.clone());
            }
            gains.schemes.push(SchemeGains {
                amc: history.amc.clone(),
                folio: history.folio.clone(),
                scheme: history.name.clone(),
                lots: of_scheme.into_iter().map(|row| sold(row)).collect(),
            });
        }
        gains
    }

    /// Returns the SIPs on record: those made here, and those seen in statements.
    pub(super) fn sips(&self) -> Sips {
        let (plans, orders) = &self.plans;
        let name = |code: SchemeCode| {
            let known = self.names.get(&code).cloned();
            known.unwrap_or_else(|| format!("AMFI {code}"))
        };
        let schemes = self.recorded.iter().zip(&self.navs);
        let schemes: Vec<_> = schemes
            .map(|(history, navs)| {
                let bought = sips::bought(&history.transactions);
                let newest = navs.last_key_value().map(|(date, nav)| (*date, *nav));
                sips::Seen {
                    folio: &history.folio,
                    scheme: history.scheme,
                    name: &history.name,
                    instalments: bought.instalments,
                    nav: newest.filter(|_| !bought.has_sold),
                    is_complete: history.is_complete,
                }
            })
            .collect();
        sips::sips(plans, orders, &schemes, &name)
    }
}

fn sold(row: &GainRow) -> Sold {
    Sold {
        sold: row.sold,
        bought: row.bought,
        units: row.units,
        proceeds: row.proceeds,
        cost: row.cost,
        gain: row.gain,
        term: row.term,
    }
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
        records_to: portfolio.statements_to,
        holdings,
        risk: Vec::new(),
    }
}

/// Returns how the NAVs of the schemes held have swayed; those with too few are left out,
/// and those whose NAVs do not tell it.
async fn risk(
    investing: &Investing,
    portfolio: &Portfolio,
    today: Date,
) -> anyhow::Result<Vec<SchemeRisk>> {
    let mut seen = BTreeSet::new();
    let mut risk = Vec::new();
    for held in &portfolio.holdings {
        let Some(code) = held.scheme.filter(|code| seen.insert(*code)) else {
            continue;
        };
        // What has no use here is the return over a riskless one.
        let figures = investing.scheme_figures(code, 0.0, today).await?;
        if let Some(Ok(swayed)) = figures.map(|figures| figures.risk) {
            let fall = swayed.drawdown;
            risk.push(SchemeRisk {
                scheme: held.name.clone(),
                volatility: swayed.volatility,
                fall: (fall.depth, fall.peak, fall.trough),
            });
        }
    }
    Ok(risk)
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
