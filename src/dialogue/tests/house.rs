//! A house that deals, scripted: it keeps what it is handed and refuses what it is told to.

use std::sync::{Arc, Mutex, MutexGuard};

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::{Date, date, time};
use rust_decimal::Decimal;

use super::super::commands::{Asked, Command, Done, Outlook};
use super::super::ports::{Answer, Dealings};
use crate::id::{ContactId, Ids, PlanId};
use crate::investing::calendar::{Calendar, NavClass};
use crate::investing::gateway::port::{Reference, Takes};
use crate::investing::orders::charges::Charges;
use crate::investing::orders::draft::{Confirmed, Draft, Estimate, Made, Proposal, Refusal, Terms};
use crate::investing::orders::mandate::Mandate;
use crate::investing::orders::order::{Order, OrderDetails, Submission};
use crate::investing::orders::plan::{Plan, PlanTerms};
use crate::investing::orders::ports::{HeldUnits, SchemeTerms};
use crate::investing::orders::service::{About, PlanView};
use crate::investing::orders::{
    Frequency, MandateStatus, OrderKind, OrderStatus, PlanKind, PlanStatus, Quantity,
};
use crate::investing::rules::{
    Cutoffs, DatedLoad, ExitLoad, Offer, PlanTerms as PlanRules, RiskLevel, RiskOMeter, SchemeRules,
};
use crate::investing::tax::TaxClass;
use crate::investing::{Lot, Paise, Scheme, SchemeCode};

/// HDFC Flexi Cap, Regular.
pub(super) const FLEXI: SchemeCode = SchemeCode(101_762);
/// Parag Parikh Flexi Cap, Regular.
pub(super) const PARAG: SchemeCode = SchemeCode(122_640);

/// What the house knows and did.
#[derive(Default)]
pub(super) struct Book {
    pub(super) lacks: Vec<String>,
    pub(super) mandates: Vec<Mandate>,
    pub(super) plans: Vec<PlanView>,
    pub(super) orders: Vec<Order>,
    /// When they went on without the investor; none is when they were made.
    pub(super) with_others_since: Option<Timestamp>,
    /// The answer to the next rehearsal of something confirmed.
    pub(super) refuse: Option<Refusal>,
    /// Everything that was set in motion.
    pub(super) done: Vec<Command>,
    pub(super) earliest: Option<Date>,
    /// Days and costs of what is held, if they are known.
    pub(super) lots: Option<Vec<Lot>>,
    /// How the schemes are taxed, if not as equity.
    pub(super) class: Option<TaxClass>,
    /// What the exchange takes, if not everything.
    pub(super) takes: Option<Takes>,
}

/// The house: clones share its book.
#[derive(Clone)]
pub(super) struct House {
    book: Arc<Mutex<Book>>,
    ids: Ids,
    pub(super) schemes: Vec<Scheme>,
}

/// The moment everything in the house is made at.
pub(super) fn moment() -> Timestamp {
    "2026-08-24T04:30:00Z".parse().unwrap()
}

impl House {
    pub(super) fn new(schemes: Vec<Scheme>) -> Self {
        Self {
            book: Arc::default(),
            ids: Ids::seeded(7),
            schemes,
        }
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    /// What was confirmed so far.
    pub(super) fn confirmed(&self) -> Vec<Asked> {
        let done = self.book().done.clone();
        let asked = |command| match command {
            Command::Do(asked, _) => Some(asked),
            Command::KeepDraft(_)
            | Command::Serve(_)
            | Command::Record(_)
            | Command::Consent(_) => None,
        };
        done.into_iter().filter_map(asked).collect()
    }

    /// The draft that was kept last.
    pub(super) fn draft(&self) -> Draft {
        let done = self.book().done.clone();
        let kept = |command| match command {
            Command::KeepDraft(draft) => Some(*draft),
            Command::Do(..) | Command::Serve(_) | Command::Record(_) | Command::Consent(_) => None,
        };
        done.into_iter()
            .filter_map(kept)
            .next_back()
            .expect("a draft was kept")
    }

    pub(super) fn mandate(&self, limit: Paise, status: MandateStatus) -> Mandate {
        Mandate {
            id: self.ids.next(moment()),
            contact: self.ids.next(moment()),
            draft: self.ids.next(moment()),
            kind: crate::investing::orders::MandateKind::Upi,
            limit,
            start: date(2026, 8, 24),
            end: date(2056, 8, 24),
            status,
            submission: Submission::Taken,
            asked_at: None,
            reference: Reference("1".to_owned()),
            gateway_id: Some("1".to_owned()),
            reason: None,
            made_at: moment(),
            version: 1,
        }
    }

    /// A SIP of ₹5,000 in the first fund, on the fifth.
    pub(super) fn sip(&self, status: PlanStatus) -> PlanView {
        let terms = PlanTerms {
            kind: PlanKind::Sip,
            scheme: FLEXI,
            target: None,
            amount: Paise(5_000_00),
            frequency: Frequency::Monthly,
            start: date(2026, 6, 5),
            instalments: None,
            step_up: None,
        };
        PlanView {
            next: Some((date(2026, 9, 5), terms.amount)),
            instalments: Vec::new(),
            plan: Plan {
                id: self.ids.next(moment()),
                contact: self.ids.next(moment()),
                draft: self.ids.next(moment()),
                terms,
                mandate: None,
                folio: None,
                status,
                replaces: None,
                submission: Submission::Taken,
                asked_at: None,
                reference: Reference("2".to_owned()),
                gateway_id: Some("2".to_owned()),
                next_due: Some(date(2026, 9, 5)),
                prepared: 3,
                pause_left: 0,
                reason: None,
                cancel_by: None,
                made_at: moment(),
                version: 1,
            },
        }
    }

    pub(super) fn order(&self, kind: OrderKind, status: OrderStatus) -> Order {
        Order {
            id: self.ids.next(moment()),
            contact: self.ids.next(moment()),
            draft: None,
            instalment: None,
            kind,
            scheme: FLEXI,
            target: None,
            quantity: Quantity::Amount(Paise(5_000_00)),
            mandate: None,
            status,
            submission: Submission::Taken,
            asked_at: None,
            reference: Reference("3".to_owned()),
            gateway_id: Some("3".to_owned()),
            reason: None,
            paid: None,
            details: OrderDetails::default(),
            made_at: moment(),
            version: 1,
        }
    }

    fn terms_of(&self, proposal: &Proposal) -> Terms {
        let name = |code: SchemeCode| {
            let known = self.schemes.iter().find(|scheme| scheme.code == code);
            known.map(Scheme::full_name).unwrap_or_default()
        };
        let (scheme, target) = match proposal {
            Proposal::Order(order) => (Some(order.scheme), order.target),
            Proposal::Plan(plan) => (Some(plan.terms.scheme), None),
            Proposal::Mandate(_) => (None, None),
        };
        let leaves =
            matches!(proposal, Proposal::Order(order) if order.kind != OrderKind::Purchase);
        let on = match proposal {
            Proposal::Plan(plan) => plan.terms.runs_on(&Calendar::shipped(), plan.terms.start),
            Proposal::Order(_) | Proposal::Mandate(_) => date(2026, 8, 24),
        };
        Terms {
            proposal: proposal.clone(),
            scheme: scheme.map(name).unwrap_or_default(),
            target: target.map(name),
            amc: "HDFC Mutual Fund".to_owned(),
            date: on,
            bank: "HDFC ••4321".to_owned(),
            expected_nav_date: Some(date(2026, 8, 24)),
            target_nav_date: None,
            expected_by: Some(date(2026, 8, 25)),
            cutoff: Some(time(14, 30, 0, 0)),
            risk: Some("very_high".to_owned()),
            risk_month: Some(date(2026, 7, 1)),
            charges: Charges {
                stamp_duty: Some(Paise(25)),
                exit_load: leaves.then_some(Paise(50_00)),
                stt: None,
                load_rule: Some("1 % up to 365 days".to_owned()),
            },
            estimate: Some(if leaves {
                Estimate::Money(Paise(4_949_95))
            } else {
                Estimate::Units(Decimal::new(2_484, 3))
            }),
            locked_until: None,
            rules: "rules".to_owned(),
        }
    }

    pub(super) fn outlook(&self, command: &Command) -> Outlook {
        let Command::Do(asked, _) = command else {
            return Ok(Done::Kept);
        };
        if let Some(refusal) = self.book().refuse.take() {
            return Err(refusal);
        }
        Ok(match asked {
            Asked::Draft(id) => {
                let draft = self.draft();
                if draft.id != *id {
                    return Err(Refusal::NoDraft);
                }
                Done::Made(Confirmed::Now(match draft.terms.proposal {
                    Proposal::Order(_) => Made::Order(self.ids.next(moment())),
                    Proposal::Plan(_) => Made::Plan(self.ids.next(moment())),
                    Proposal::Mandate(_) => Made::Mandate(self.ids.next(moment())),
                }))
            }
            Asked::PausePlan(..) | Asked::ResumePlan(_) | Asked::CallOff(_) => Done::Asked,
            Asked::CancelPlan(..) => Done::EndsBy(date(2026, 8, 27)),
        })
    }
}

pub(super) fn now<'a, T: Send + 'a>(value: T) -> Answer<'a, T> {
    std::future::ready(Ok(value)).boxed()
}

impl Dealings for House {
    fn terms(&self, scheme: SchemeCode, _: Date) -> Option<SchemeTerms> {
        let is_sold = [FLEXI, PARAG].contains(&scheme);
        let (minimum, step) = (Some(Paise(500_00)), Some(Paise(1_00)));
        let monthly = Offer::Yes(PlanRules {
            minimum,
            multiple: step,
            days: Some((1..=28).collect()),
            instalments: Some(6),
        });
        let rules = SchemeRules {
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
            sip: [(Frequency::Monthly, monthly)].into(),
            sip_pause: Some(3),
            exit_load: Some(ExitLoad::default()),
            risk: Some(RiskOMeter {
                level: RiskLevel::VeryHigh,
                month: date(2026, 7, 1),
            }),
            lock_in_months: (scheme == FLEXI).then_some(0),
            ..SchemeRules::silent(scheme, date(2026, 4, 1), "a test")
        };
        is_sold.then(|| SchemeTerms {
            name: scheme.to_string(),
            amc: "HDFC Mutual Fund".to_owned(),
            loads: vec![DatedLoad {
                from: rules.from,
                load: rules.exit_load.clone(),
            }],
            rules,
            tax_class: self.book().class.unwrap_or(TaxClass::Equity),
            unit_decimals: 3,
        })
    }

    fn sold(&self, on: Date) -> Vec<Scheme> {
        let sold = |scheme: &&Scheme| self.terms(scheme.code, on).is_some();
        self.schemes.iter().filter(sold).cloned().collect()
    }

    fn takes(&self) -> Takes {
        self.book().takes.unwrap_or(Takes::ALL)
    }

    fn calendar(&self) -> Arc<Calendar> {
        Arc::new(Calendar::shipped())
    }

    fn lacks<'a>(&'a self, _: ContactId, _: &'a Proposal) -> Answer<'a, Vec<String>> {
        now(self.book().lacks.clone())
    }

    fn prepare(&self, contact: ContactId, wanted: Proposal) -> Answer<'_, Result<Draft, Refusal>> {
        if let Proposal::Plan(plan) = &wanted {
            let book = self.book();
            let mandate = book
                .mandates
                .iter()
                .find(|one| Some(one.id) == plan.mandate);
            if plan.replaces.is_none() && mandate.is_none() {
                return now(Err(Refusal::MandateMissing));
            }
            if let Some(mandate) = mandate.filter(|one| one.limit < plan.terms.largest()) {
                return now(Err(crate::investing::orders::mandate::OverLimit {
                    day: plan.terms.start,
                    needed: plan.terms.largest(),
                    limit: mandate.limit,
                }
                .into()));
            }
            if let Some(earliest) = book.earliest.filter(|day| plan.terms.start < *day) {
                return now(Err(Refusal::TooSoon(earliest)));
            }
        }
        let made_at = moment();
        now(Ok(Draft {
            id: self.ids.next(made_at),
            contact,
            terms: self.terms_of(&wanted),
            made_at,
            expires_at: made_at + jiff::SignedDuration::from_mins(10),
        }))
    }

    fn prepare_change(
        &self,
        contact: ContactId,
        plan: PlanId,
        terms: PlanTerms,
    ) -> Answer<'_, Result<Draft, Refusal>> {
        let proposal = crate::investing::orders::draft::PlanProposal {
            terms,
            mandate: None,
            folio: None,
            replaces: Some(plan),
        };
        self.prepare(contact, Proposal::Plan(proposal))
    }

    fn held(&self, _: ContactId, scheme: SchemeCode) -> Answer<'_, Vec<HeldUnits>> {
        let held = HeldUnits {
            folio: "123/45".to_owned(),
            units: Decimal::new(123_456, 3),
            lots: self.book().lots.clone(),
            nav: Some(Decimal::ONE_HUNDRED),
        };
        now((scheme == FLEXI).then_some(held).into_iter().collect())
    }

    fn plans(&self, _: ContactId) -> Answer<'_, Vec<PlanView>> {
        now(self.book().plans.clone())
    }

    fn orders(&self, _: ContactId, _: u32) -> Answer<'_, Vec<Order>> {
        now(self.book().orders.clone())
    }

    fn with_others_since<'a>(&'a self, order: &'a Order) -> Answer<'a, Timestamp> {
        now(self.book().with_others_since.unwrap_or(order.made_at))
    }

    fn mandates(&self, _: ContactId) -> Answer<'_, Vec<Mandate>> {
        now(self.book().mandates.clone())
    }

    fn page(&self, _: ContactId, _: About) -> BoxFuture<'_, Option<String>> {
        std::future::ready(Some("https://exchange.example/page".to_owned())).boxed()
    }
}
