//! Dealing over a database of its own, with neighbours that say yes unless told otherwise.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::civil::{Date, date, time};
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;
use sqlx::Row;

use super::exchange::{Exchange, NAV};
use crate::clock::{Clock, ist};
use crate::id::{ContactId, DraftId, MandateId, OrderId, PlanId};
use crate::investing::accounts::ACCOUNT;
use crate::investing::calendar::{Calendar, NavClass};
use crate::investing::lots::Lot;
use crate::investing::money::Paise;
use crate::investing::orders::draft::{Draft, Made, MandateProposal};
use crate::investing::orders::limits::{Limits, Rate};
use crate::investing::orders::order::Order;
use crate::investing::orders::plan::PlanTerms;
use crate::investing::orders::ports::{
    Account, Asked, Books, Bought, HeldUnits, Investors, Moment, SchemeBook, SchemeTerms, Standing,
};
use crate::investing::orders::service::{
    CALL_OFF, CHANGE, Dealing, NOTICE, Neighbours, SUBMIT, Sent,
};
use crate::investing::orders::{Frequency, MandateKind, PlanKind, Quantity};
use crate::investing::rules::{
    Cutoffs, DatedLoad, ExitLoad, Offer, Offers, PlanTerms as PlanRules, RiskLevel, RiskOMeter,
    SchemeRules, Slab,
};
use crate::investing::scheme::SchemeCode;
use crate::investing::tax::TaxClass;
use crate::investing::tests::rig::TestDb;
use crate::pipeline::Ground;
use crate::storage::{Conn, Error};

pub(super) const FUND: SchemeCode = SchemeCode(101);
pub(super) const OTHER: SchemeCode = SchemeCode(102);
/// Of another fund house.
pub(super) const ELSEWHERE: SchemeCode = SchemeCode(201);
/// Of a scheme nobody knows rules of.
pub(super) const UNKNOWN: SchemeCode = SchemeCode(999);

/// Everybody is ready, unless paused or blocked; everybody holds 100 units of everything.
#[derive(Default)]
pub(super) struct World {
    pub(super) paused: Mutex<HashSet<ContactId>>,
    pub(super) blocked: Mutex<HashSet<ContactId>>,
    pub(super) holds_nothing: Mutex<HashSet<ContactId>>,
    /// Whose purchases are not all on record.
    pub(super) lots_unknown: Mutex<HashSet<ContactId>>,
    /// What everybody holds, where a test has other lots: when, and how many units.
    pub(super) lots: Mutex<Vec<(Date, i64)>>,
    pub(super) rules: Mutex<HashMap<SchemeCode, SchemeRules>>,
    /// What the gate was asked last that would be bought.
    pub(super) bought: Mutex<Option<Bought>>,
}

/// Returns the client code somebody has with the exchange.
pub(super) fn ucc_of(contact: ContactId) -> String {
    let id = contact.uuid().simple().to_string().to_uppercase();
    format!("U{}", &id[id.len() - 9..])
}

impl Investors for World {
    fn standing<'c>(
        &'c self,
        _: &'c mut Conn,
        asked: &'c Asked,
    ) -> BoxFuture<'c, Result<Standing, Error>> {
        let blocked = self.blocked.lock().unwrap().contains(&asked.contact);
        *self.bought.lock().unwrap() = asked.buys;
        let ucc = ucc_of(asked.contact);
        Box::pin(async move {
            if blocked {
                return Ok(Standing::Blocked(vec!["kyc".to_owned()]));
            }
            Ok(Standing::Ready(Account {
                ucc,
                bank: "HDFC Bank ••4321".to_owned(),
                euin: None,
                has_nominees: true,
            }))
        })
    }

    fn is_paused<'c>(
        &'c self,
        _: &'c mut Conn,
        contact: ContactId,
    ) -> BoxFuture<'c, Result<bool, Error>> {
        let paused = self.paused.lock().unwrap().contains(&contact);
        Box::pin(async move { Ok(paused) })
    }
}

/// The rules of every scheme, unless a test has others.
pub(super) fn rules_of(scheme: SchemeCode) -> SchemeRules {
    let (minimum, step) = (Some(Paise(10_000)), Some(Paise(100)));
    let offer = Offer::Yes(PlanRules {
        minimum,
        multiple: step,
        days: None,
        instalments: Some(2),
    });
    let every = Frequency::ALL.iter().map(|every| (*every, offer.clone()));
    let offers: Offers = every.collect();
    SchemeRules {
        class: Some(NavClass::Equity),
        purchase: Some(true),
        redemption: Some(true),
        switch_in: Some(true),
        switch_out: Some(true),
        minimum_new: minimum,
        multiple: step,
        minimum_redemption: minimum,
        cutoffs: Cutoffs {
            platform_purchase: Some(time(14, 30, 0, 0)),
            ..Cutoffs::default()
        },
        sip: offers.clone(),
        swp: offers.clone(),
        stp: offers,
        sip_pause: Some(3),
        exit_load: Some(ExitLoad {
            slabs: vec![Slab {
                days: 365,
                percent: Decimal::ONE,
            }],
            free_percent: Decimal::ZERO,
        }),
        risk: Some(RiskOMeter {
            level: RiskLevel::VeryHigh,
            month: date(2026, 7, 1),
        }),
        ..SchemeRules::silent(scheme, date(2026, 4, 1), "a test")
    }
}

impl SchemeBook for World {
    fn terms(&self, scheme: SchemeCode, _: Date) -> Option<SchemeTerms> {
        if scheme == UNKNOWN {
            return None;
        }
        let rules = self.rules.lock().unwrap().get(&scheme).cloned();
        let rules = rules.unwrap_or_else(|| rules_of(scheme));
        Some(SchemeTerms {
            name: format!("Fund {scheme} - Regular - Growth"),
            amc: if scheme == ELSEWHERE { "B" } else { "A" }.to_owned(),
            loads: vec![DatedLoad {
                from: rules.from,
                load: rules.exit_load.clone(),
            }],
            rules,
            tax_class: TaxClass::Equity,
            unit_decimals: 3,
        })
    }

    fn nav(&self, _: SchemeCode) -> Option<Decimal> {
        Some(NAV.into())
    }

    fn calendar(&self) -> Arc<Calendar> {
        Arc::new(Calendar::shipped())
    }
}

/// Keeps what is posted in a table of its own, so that it lives and dies with the
/// transaction.
pub(super) struct TableBooks(pub(super) Arc<World>);

impl Books for TableBooks {
    fn held<'c>(
        &'c self,
        _: &'c mut Conn,
        contact: ContactId,
        _: SchemeCode,
    ) -> BoxFuture<'c, Result<Vec<HeldUnits>, Error>> {
        let nothing = self.0.holds_nothing.lock().unwrap().contains(&contact);
        let unknown = self.0.lots_unknown.lock().unwrap().contains(&contact);
        let mut lots = self.0.lots.lock().unwrap().clone();
        if lots.is_empty() {
            lots = vec![(date(2024, 1, 5), 100)];
        }
        let lots: Vec<Lot> = lots
            .into_iter()
            .map(|(date, units)| Lot {
                date,
                units: units.into(),
                bought: units.into(),
                cost: Paise(0),
                merged: false,
            })
            .collect();
        let held = HeldUnits {
            folio: "7001/11".to_owned(),
            units: lots.iter().map(|lot| lot.units).sum(),
            lots: (!unknown).then_some(lots),
            nav: Some(NAV.into()),
        };
        Box::pin(async move { Ok(if nothing { Vec::new() } else { vec![held] }) })
    }

    fn post<'c>(
        &'c self,
        conn: &'c mut Conn,
        order: &'c Order,
        moment: Moment,
        _: Timestamp,
    ) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(async move {
            let allotted = moment == Moment::Allotted;
            let legs = [
                order.details.allotment.as_ref(),
                order.details.switched_in.as_ref(),
            ];
            let legs = legs.into_iter().flatten().filter(|_| allotted).count();
            sqlx::query("insert into posted (order_id, moment, legs) values ($1, $2, $3)")
                .bind(order.id.to_string())
                .bind(moment.as_str())
                .bind(i64::try_from(legs).unwrap())
                .execute(conn)
                .await?;
            Ok(())
        })
    }
}

pub(super) struct Rig {
    pub(super) base: TestDb,
    pub(super) clock: Clock,
    pub(super) exchange: Arc<Exchange>,
    pub(super) world: Arc<World>,
    pub(super) dealing: Dealing,
    pub(super) people: Vec<ContactId>,
}

/// Limits that stand in nobody's way.
pub(super) fn no_limits() -> Limits {
    let rate = Rate {
        most: 1_000_000,
        within: Duration::from_mins(1),
    };
    Limits {
        operations: rate,
        drafts: rate,
        redemptions: rate,
        daily_purchases: Paise(i64::MAX / 4),
        ..Limits::default()
    }
}

impl Rig {
    /// Monday, 24 August 2026, ten in the morning.
    pub(super) async fn new(people: u64, limits: Limits) -> Self {
        let base = TestDb::new(7).await;
        let clock = Clock::standing("2026-08-24T04:30:00Z".parse().unwrap());
        let make = base.db.write((), |conn, ()| {
            Box::pin(async move {
                sqlx::query(
                    "create table posted (order_id text not null, moment text not null,
                                          legs bigint not null, primary key (order_id, moment))",
                )
                .execute(conn)
                .await?;
                Ok(())
            })
        });
        make.await.unwrap();
        let people = base.contacts(1, people).await;
        let exchange = Arc::new(Exchange::default());
        let world = Arc::new(World::default());
        let dealing = Self::dealing(&base, &clock, &exchange, &world, limits);
        Self {
            base,
            clock,
            exchange,
            world,
            dealing,
            people,
        }
    }

    fn dealing(
        base: &TestDb,
        clock: &Clock,
        exchange: &Arc<Exchange>,
        world: &Arc<World>,
        limits: Limits,
    ) -> Dealing {
        let ground = Ground::new(
            base.db.clone(),
            base.keys.clone(),
            clock.clone(),
            base.ids.clone(),
            80,
        );
        let neighbours = Neighbours {
            gateway: Arc::clone(exchange) as _,
            investors: Arc::clone(world) as _,
            schemes: Arc::clone(world) as _,
            books: Arc::new(TableBooks(Arc::clone(world))),
        };
        Dealing::new(ground, neighbours, limits)
    }

    pub(super) fn today(&self) -> Date {
        self.clock.now().to_zoned(ist()).date()
    }

    pub(super) fn pass(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// Moves the clock to a time of a day in India.
    pub(super) fn go_to(&self, day: Date, hour: i8) {
        let at = day.at(hour, 0, 0, 0).to_zoned(ist()).unwrap().timestamp();
        let by = at.as_millisecond() - self.clock.now().as_millisecond();
        assert!(by >= 0, "the clock only goes forward");
        self.clock.shift_millis(by);
    }

    pub(super) async fn purchase(&self, who: ContactId, amount: i64) -> Draft {
        let drafted = self
            .dealing
            .propose_purchase(who, FUND, Paise(amount), None, None, "r1");
        drafted.await.unwrap()
    }

    pub(super) async fn confirmed(&self, draft: &Draft) -> Made {
        let confirmed = self.dealing.confirm(draft.contact, draft.id, "chat");
        confirmed.await.unwrap().made()
    }

    pub(super) async fn order(&self, who: ContactId, amount: i64) -> OrderId {
        let draft = self.purchase(who, amount).await;
        match self.confirmed(&draft).await {
            Made::Order(id) => id,
            other => panic!("{other:?}"),
        }
    }

    /// Runs every job that waits, until none is left that gets anywhere.
    pub(super) async fn run_jobs(&self) {
        loop {
            let jobs = self.waiting_jobs().await;
            let mut ran = 0;
            for (key, kind) in &jobs {
                let subject = key.split_once(':').unwrap().1;
                // Ours is followed by what tells one asking from another.
                let id = subject.split(':').next().unwrap();
                let sent = match kind.as_str() {
                    SUBMIT => self.dealing.submit(id).await.unwrap(),
                    CHANGE => self.dealing.run_change(id).await.unwrap(),
                    CALL_OFF => self.dealing.run_call_off(id).await.unwrap(),
                    NOTICE => self.dealing.run_notice(subject).await.unwrap(),
                    // The rig puts accounts on record itself.
                    ACCOUNT => Sent::Done,
                    other => panic!("{other}"),
                };
                if !matches!(sent, Sent::Again(_)) {
                    self.finish_job(key).await;
                    ran += 1;
                }
            }
            if ran == 0 {
                return;
            }
        }
    }

    async fn waiting_jobs(&self) -> Vec<(String, String)> {
        let mut conn = self.base.db.read().await.unwrap();
        let rows =
            sqlx::query("select unique_key, kind from jobs where state = 'waiting' order by id")
                .fetch_all(&mut *conn)
                .await
                .unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    async fn finish_job(&self, key: &str) {
        let done = self.base.db.write(key.to_owned(), |conn, key| {
            Box::pin(async move {
                sqlx::query("update jobs set state = 'done' where unique_key = $1")
                    .bind(key)
                    .execute(conn)
                    .await?;
                Ok(())
            })
        });
        done.await.unwrap();
    }

    pub(super) async fn count(&self, query: &'static str) -> i64 {
        let mut conn = self.base.db.read().await.unwrap();
        sqlx::query_scalar(query)
            .fetch_one(&mut *conn)
            .await
            .unwrap()
    }

    /// A UPI mandate of a lakh a day, approved.
    pub(super) async fn mandate(&self, who: ContactId) -> MandateId {
        let id = self.proposed_mandate(who).await;
        self.exchange.approve_all();
        self.dealing.look_at(&id.to_string()).await.unwrap();
        id
    }

    /// A UPI mandate of a lakh a day that waits for the investor.
    pub(super) async fn proposed_mandate(&self, who: ContactId) -> MandateId {
        let proposal = MandateProposal {
            kind: MandateKind::Upi,
            limit: Paise(1_00_000_00),
            start: self.today(),
            end: self.today().checked_add(25.years()).unwrap(),
        };
        let draft = self.dealing.propose_mandate(who, proposal, "r1").await;
        let Made::Mandate(id) = self.confirmed(&draft.unwrap()).await else {
            panic!("a mandate was proposed");
        };
        self.run_jobs().await;
        id
    }

    #[expect(clippy::unused_self, reason = "reads as the rig's terms")]
    pub(super) fn terms(&self, kind: PlanKind, frequency: Frequency, start: &str) -> PlanTerms {
        PlanTerms {
            kind,
            scheme: FUND,
            target: (kind == PlanKind::Stp).then_some(OTHER),
            amount: Paise(5_000_00),
            frequency,
            start: start.parse().unwrap(),
            instalments: None,
            step_up: None,
        }
    }

    /// A plan that runs.
    pub(super) async fn plan(
        &self,
        who: ContactId,
        terms: PlanTerms,
        mandate: Option<MandateId>,
    ) -> PlanId {
        let drafted = self.dealing.propose_plan(who, terms, mandate, None, "r1");
        let draft = drafted.await.unwrap();
        let Made::Plan(id) = self.confirmed(&draft).await else {
            panic!("a plan was proposed");
        };
        self.run_jobs().await;
        id
    }

    /// What happens on a day: the night, the bank's debits, and the gateway is asked.
    pub(super) async fn day(&self, day: Date) {
        self.go_to(day, 1);
        self.dealing.run_night().await.unwrap();
        self.go_to(day, 11);
        self.exchange.run_plans(&Calendar::shipped(), day);
        self.exchange.settle_orders(day);
        self.ask_all().await;
        self.run_jobs().await;
    }

    pub(super) async fn ask_all(&self) {
        while self.dealing.run_poll().await.unwrap() > 0 {}
    }

    pub(super) async fn redeem(&self, who: ContactId, quantity: Quantity) -> DraftId {
        let drafted = self
            .dealing
            .propose_redemption(who, FUND, quantity, None, "r1");
        drafted.await.unwrap().id
    }
}
