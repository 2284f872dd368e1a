//! A paper exchange on a free port, its client, and a clock that a test moves.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::investing::gateway::PaperGateway;
use crate::investing::gateway::port::{
    InvestorState, MandateReport, NewInvestor, NewMandate, NewOrder, NewPlan, OrderGateway,
    OrderReport, Page, PlanReport, Reference,
};
use crate::investing::money::Paise;
use crate::investing::orders::{
    Frequency, MandateKind, MandateStatus, OrderKind, PlanKind, Quantity,
};
use crate::investing::scheme::SchemeCode;
use crate::sandbox::exchange::Stall;
use crate::sandbox::{Exchange, ExchangeOptions, Holidays};

pub(super) const UCC: &str = "ASHA01";
pub(super) const TOKEN: &str = "a-token-of-the-rig";

pub(super) struct Rig {
    pub(super) exchange: Exchange,
    pub(super) gateway: PaperGateway,
    pub(super) clock: Clock,
    pub(super) base: String,
    stop: CancellationToken,
    /// Makes references.
    next: u32,
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn holidays() -> Holidays {
    let days = |texts: &[&str]| texts.iter().map(|day| day.parse().unwrap()).collect();
    Holidays {
        closed: days(&["2026-09-14", "2026-10-02", "2026-11-10", "2026-11-24"]),
        banks_closed: days(&["2026-08-26"]),
        sessions: days(&[]),
    }
}

impl Rig {
    pub(super) async fn start() -> Self {
        Self::at("2026-08-24T10:00:00+05:30", None).await
    }

    pub(super) async fn at(now: &str, file: Option<&Path>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::standing(now.parse::<Timestamp>().unwrap());
        let mut builder = Exchange::builder()
            .token(TOKEN)
            .clock(clock.clone())
            .holidays(holidays())
            .market(Arc::new(Stall));
        if let Some(file) = file {
            builder = builder.persist(file);
        }
        let exchange = builder.build().await.unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", socket.local_addr().unwrap());
        exchange.set_public_url(&base);
        let stop = CancellationToken::new();
        exchange.spawn_server(socket, stop.clone());
        let timeout = Duration::from_secs(5);
        let gateway = PaperGateway::new(&base, TOKEN.into(), timeout).unwrap();
        Self {
            exchange,
            gateway,
            clock,
            base,
            stop,
            next: 0,
        }
    }

    /// Moves the clock to a moment in India.
    pub(super) async fn until(&self, text: &str) {
        let at: Timestamp = format!("{text}:00+05:30").parse().unwrap();
        let left = at.as_millisecond() - self.clock.now().as_millisecond();
        self.clock
            .advance(Duration::from_millis(u64::try_from(left).unwrap()));
        assert!(self.exchange.settle().await);
    }

    pub(super) fn approve_by_itself(&self) {
        self.exchange.set_options(ExchangeOptions {
            auto_approve: true,
            auto_after_ms: 1_000,
            ..ExchangeOptions::default()
        });
    }

    pub(super) fn reference(&mut self) -> Reference {
        self.next += 1;
        Reference(format!("2026-{:06}", self.next))
    }

    /// Does on a page what a person does with a button.
    pub(super) async fn click(&self, page: &Page, act: &str) -> String {
        let url = self.gateway.page(page).await.unwrap();
        let http = reqwest::Client::builder().build().unwrap();
        let shown = http.get(&url).send().await.unwrap();
        assert_eq!(shown.status(), 200);
        let shown = shown.text().await.unwrap();
        assert!(shown.contains(&format!("value=\"{act}\"")), "{shown}");
        self.post(page, act).await
    }

    /// Posts what a button would, whether there is one or not.
    pub(super) async fn post(&self, page: &Page, act: &str) -> String {
        let url = self.gateway.page(page).await.unwrap();
        let http = reqwest::Client::builder().build().unwrap();
        let body = format!("act={act}");
        let after = http
            .post(&url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap();
        after.text().await.unwrap()
    }

    /// Has the exchange stop the account, or let it go on.
    pub(super) async fn hold_account(&self, act: &str) {
        let url = format!("{}/control/investors/{UCC}/{act}", self.base);
        let held = reqwest::Client::builder().build().unwrap().post(url).send();
        assert!(held.await.unwrap().status().is_success());
    }

    pub(super) async fn ask_for_account(&self) -> InvestorState {
        let new = NewInvestor {
            ucc: UCC.to_owned(),
            name: "Asha <Rao>".to_owned(),
            pan: "ABCPE1234F".to_owned(),
            date_of_birth: date(1990, 1, 1),
            mobile: "919000000000".to_owned(),
            email: "asha@example.invalid".to_owned(),
            account_number: "001234567890".to_owned(),
            ifsc: "HDFC0000001".to_owned(),
            nominees: Vec::new(),
        };
        self.gateway.register_investor(&new).await.unwrap()
    }

    pub(super) async fn open_account(&self) {
        let state = self.ask_for_account().await;
        assert_eq!(state, InvestorState::AwaitingAuthorisation);
        if !self.exchange.options().auto_approve {
            let page = Page::Investor {
                ucc: UCC.to_owned(),
            };
            self.click(&page, "approve").await;
        }
        self.clock.advance(Duration::from_mins(3));
        let state = self.gateway.find_investor(UCC).await.unwrap();
        assert_eq!(state, Some(InvestorState::Active));
    }

    pub(super) async fn mandate(&mut self, kind: MandateKind, rupees: i64) -> MandateReport {
        let new = NewMandate {
            reference: self.reference(),
            ucc: UCC.to_owned(),
            kind,
            limit: Paise(rupees * 100),
            start: date(2026, 8, 24),
            end: date(2056, 8, 23),
        };
        self.gateway.register_mandate(&new).await.unwrap()
    }

    pub(super) async fn active_mandate(&mut self, rupees: i64) -> String {
        let mandate = self.mandate(MandateKind::Upi, rupees).await;
        if self.exchange.options().auto_approve {
            self.clock.advance(Duration::from_secs(2));
        } else {
            self.click(&Page::Mandate(mandate.id.clone()), "approve")
                .await;
        }
        let found = self
            .gateway
            .read_mandate(&mandate.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.status, MandateStatus::Active);
        mandate.id
    }

    pub(super) fn purchase(&mut self, rupees: i64) -> NewOrder {
        NewOrder {
            reference: self.reference(),
            ucc: UCC.to_owned(),
            kind: OrderKind::Purchase,
            scheme: SchemeCode(1),
            target: None,
            quantity: Quantity::Amount(Paise(rupees * 100)),
            folio: None,
            has_nominees: Some(true),
            mandate: None,
            euin: None,
        }
    }

    pub(super) fn sip(&mut self, mandate: &str, start: Date) -> NewPlan {
        NewPlan {
            reference: self.reference(),
            ucc: UCC.to_owned(),
            kind: PlanKind::Sip,
            scheme: SchemeCode(1),
            target: None,
            amount: Paise(500_000),
            frequency: Frequency::Monthly,
            start,
            instalments: Some(12),
            folio: None,
            has_nominees: true,
            mandate: Some(mandate.to_owned()),
            step_up: None,
            euin: None,
        }
    }

    pub(super) async fn order(&self, id: &str) -> OrderReport {
        self.gateway.read_order(id).await.unwrap().unwrap()
    }

    pub(super) async fn plan(&self, id: &str) -> PlanReport {
        self.gateway.read_plan(id).await.unwrap().unwrap()
    }
}
