//! The paper exchange behind its HTTP, its clock moved, and the books of the house.

mod books;
mod faults;
mod late;
mod year;

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::rig::{FUND, OTHER, Rig, no_limits, ucc_of};
use crate::app::exchange::holidays;
use crate::id::{ContactId, MandateId};
use crate::investing::Investing;
use crate::investing::calendar::Calendar;
use crate::investing::gateway::PaperGateway;
use crate::investing::gateway::port::{InvestorState, NewInvestor, OrderGateway};
use crate::investing::orders::service::{Dealing, HouseBooks, Neighbours, Sent};
use crate::investing::reconciliation::{Run, reconcile_all};
use crate::pipeline::Ground;
use crate::sandbox::exchange::{Class, Market, Scheme};
use crate::sandbox::{Exchange, ExchangeOptions};

const TOKEN: &str = "a-token-of-the-rig";
/// How long the client waits for an answer.
const PATIENCE: Duration = Duration::from_millis(300);
const LIST: &str = "Scheme Code;ISIN Div Payout/ ISIN Growth;ISIN Div Reinvestment;Scheme Name;\
    Plan;Option;Net Asset Value;Date\r\n \r\nOpen Ended Schemes(Equity Scheme - Large Cap Fund)\
    \r\n \r\nA\r\n \r\n101;INF000000001;-;Fund 101;Regular Plan;Growth;25.0000;21-Aug-2026\r\n\
    102;INF000000002;-;Fund 102;Regular Plan;Growth;25.0000;21-Aug-2026\r\n";

/// Two funds of one house, at 25 rupees a unit to begin with.
struct Stall;

impl Market for Stall {
    fn scheme(&self, code: u32) -> Option<Scheme> {
        [FUND.0, OTHER.0].contains(&code).then(|| Scheme {
            code,
            name: format!("Fund {code}"),
            amc: "A".to_owned(),
            class: Class::Equity,
            exit_loads: Vec::new(),
            lock_in_months: 0,
            minimum: 10_000,
            open: true,
        })
    }

    fn nav(&self, _: u32, _: Date) -> Option<(Decimal, Date)> {
        Some((Decimal::from(25), date(2026, 8, 21)))
    }
}

/// Everybody has an account with the exchange, and all they are asked for is approved at once.
struct Paper {
    rig: Rig,
    exchange: Exchange,
    stop: CancellationToken,
}

impl Drop for Paper {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Paper {
    async fn new(people: u64) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut rig = Rig::new(people, no_limits()).await;
        let exchange = Exchange::builder()
            .token(TOKEN)
            .clock(rig.clock.clone())
            .holidays(holidays(&Calendar::shipped()))
            .market(Arc::new(Stall))
            .options(ExchangeOptions {
                opens_accounts: false,
                auto_approve: true,
                auto_after_ms: 1_000,
            })
            .build()
            .await
            .unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", socket.local_addr().unwrap());
        exchange.set_public_url(&base);
        let stop = CancellationToken::new();
        exchange.spawn_server(socket, stop.clone());
        let gateway = Arc::new(PaperGateway::new(&base, TOKEN.into(), PATIENCE).unwrap());
        let (db, keys, ids) = (&rig.base.db, &rig.base.keys, &rig.base.ids);
        let investing = Investing::load(db.clone(), None).await.unwrap();
        let now = rig.clock.now();
        let import = investing.import_navs(LIST.as_bytes(), "list", now).await;
        assert_eq!(import.unwrap().changed_schemes, 2);
        let ground = Ground::new(db.clone(), keys.clone(), rig.clock.clone(), ids.clone(), 80);
        let neighbours = Neighbours {
            gateway: Arc::clone(&gateway) as _,
            investors: Arc::clone(&rig.world) as _,
            schemes: Arc::clone(&rig.world) as _,
            books: Arc::new(HouseBooks::new(investing, keys.clone(), ids.clone())),
        };
        rig.dealing = Dealing::new(ground, neighbours, no_limits());
        let paper = Self {
            rig,
            exchange,
            stop,
        };
        paper.open_accounts(&gateway).await;
        paper
    }

    async fn open_accounts(&self, gateway: &PaperGateway) {
        for who in &self.rig.people {
            let new = NewInvestor {
                ucc: ucc_of(*who),
                name: "Asha Rao".to_owned(),
                pan: "ABCPE1234F".to_owned(),
                date_of_birth: date(1990, 1, 1),
                mobile: "919000000000".to_owned(),
                email: "asha@example.invalid".to_owned(),
                account_number: "001234567890".to_owned(),
                ifsc: "HDFC0000001".to_owned(),
                nominees: Vec::new(),
            };
            gateway.register_investor(&new).await.unwrap();
        }
        self.pass(Duration::from_mins(3)).await;
        for who in &self.rig.people {
            let state = gateway.find_investor(&ucc_of(*who)).await.unwrap();
            assert_eq!(state, Some(InvestorState::Active));
        }
    }

    /// Lets time pass for both.
    async fn pass(&self, span: Duration) {
        self.rig.pass(span);
        assert!(self.exchange.settle().await);
    }

    /// Goes to a time of a day in India, and hears of what happened by then.
    async fn at(&self, day: Date, hour: i8) {
        self.rig.go_to(day, hour);
        assert!(self.exchange.settle().await);
        self.listen().await;
    }

    /// Hands over what the exchange has to tell, and does what follows from it.
    async fn listen(&self) {
        for body in self.exchange.take_notices() {
            self.rig.dealing.take_notice(body.as_bytes()).await.unwrap();
        }
        self.rig.run_jobs().await;
    }

    /// Asks about everything that is due, until nothing is.
    async fn ask(&self) {
        self.rig.ask_all().await;
        self.rig.run_jobs().await;
    }

    async fn mandate(&self, who: ContactId) -> MandateId {
        let id = self.rig.mandate(who).await;
        self.pass(Duration::from_mins(1)).await;
        self.rig.dealing.look_at(&id.to_string()).await.unwrap();
        id
    }

    /// Takes these to the exchange, all at once and again until each is there.
    async fn submit_all(&self, subjects: &[String]) {
        for _ in 0..60 {
            let sent = subjects.iter().map(|one| self.rig.dealing.submit(one));
            let sent = futures::future::join_all(sent).await;
            if sent.iter().all(|one| matches!(one, Ok(Sent::Done))) {
                return;
            }
            // Whoever was cut off or refused for now comes again later.
            self.pass(Duration::from_mins(2)).await;
        }
        panic!("something never got there");
    }

    async fn compare_books(&self) -> Run {
        let (now, today) = (self.rig.clock.now(), self.rig.today());
        let (db, ids) = (&self.rig.base.db, &self.rig.base.ids);
        let run = reconcile_all(db, ids, &self.rig.dealing, now, today).await;
        run.unwrap()
    }
}
