//! What the client makes of an exchange that misbehaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use jiff::civil::date;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::rig::{Rig, TOKEN};
use crate::investing::gateway::PaperGateway;
use crate::investing::gateway::port::{GatewayError, OrderGateway, Reference};
use crate::sandbox::ExchangeFault;
use crate::sandbox::emulator::Fault;

fn kind<T: std::fmt::Debug>(answer: Result<T, GatewayError>) -> &'static str {
    match answer.unwrap_err() {
        GatewayError::Refused { .. } => "refused",
        GatewayError::Unavailable(_) => "unavailable",
        GatewayError::Unknown(_) => "unknown",
        GatewayError::NotSetUp(_) => "not set up",
    }
}

#[tokio::test]
async fn an_answer_lost_after_acceptance_is_unknown_and_the_order_is_found_once() {
    let mut rig = Rig::start().await;
    rig.open_account().await;
    for (fault, amount) in [
        (ExchangeFault::AcceptThenDrop, 0),
        (ExchangeFault::AcceptThenHang, 200),
    ] {
        let fault_once = Fault::times(1).amount(amount);
        rig.exchange.set_fault(fault, fault_once);
        let new = rig.purchase(5_000);
        assert_eq!(kind(rig.gateway.place_order(&new).await), "unknown");
        let found = rig.gateway.find_order(&new.reference).await.unwrap();
        let found = found.unwrap();
        // Whoever sends it again all the same gets the same order, not a second one.
        let again = rig.gateway.place_order(&new).await.unwrap();
        assert_eq!(again, found);
    }
}

#[tokio::test]
async fn an_order_that_was_not_taken_is_told_apart_from_one_that_may_have_been() {
    let mut rig = Rig::start().await;
    rig.open_account().await;
    let cases = [
        (ExchangeFault::ServerErrors, "unavailable"),
        (ExchangeFault::HtmlErrors, "unknown"),
        (ExchangeFault::HangUnaccepted, "unknown"),
        (ExchangeFault::Refuse, "refused"),
    ];
    for (fault, expected) in cases {
        let new = rig.purchase(5_000);
        rig.exchange.set_fault(fault, Fault::times(1).amount(50));
        assert_eq!(kind(rig.gateway.place_order(&new).await), expected);
        let found = rig.gateway.find_order(&new.reference).await.unwrap();
        assert_eq!(found, None, "{fault:?}");
    }
    let stranger = PaperGateway::new(&rig.base, "wrong".into(), Duration::from_secs(5)).unwrap();
    let new = rig.purchase(5_000);
    assert_eq!(kind(stranger.place_order(&new).await), "unavailable");
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let nobody = PaperGateway::new(&base, TOKEN.into(), Duration::from_secs(5)).unwrap();
    assert_eq!(kind(nobody.place_order(&new).await), "unavailable");
    let reference = Reference("1".to_owned());
    assert_eq!(kind(nobody.find_order(&reference).await), "unavailable");
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let mut rig = Rig::start().await;
    let early = rig.purchase(5_000);
    assert_eq!(kind(rig.gateway.place_order(&early).await), "refused");
    rig.open_account().await;
    let small = rig.purchase(499);
    assert_eq!(kind(rig.gateway.place_order(&small).await), "refused");
    let mandate = rig.active_mandate(1_000).await;
    let over = rig.sip(&mandate, date(2026, 9, 7));
    assert_eq!(kind(rig.gateway.register_plan(&over).await), "refused");
    assert_eq!(kind(rig.gateway.read_order("../control").await), "refused");
    assert_eq!(
        kind(rig.gateway.cancel_order("O000000999").await),
        "refused"
    );
    assert_eq!(rig.gateway.read_plan("P000000999").await.unwrap(), None);
}

#[tokio::test]
async fn notices_are_posted_again_until_they_are_taken_and_given_up_in_half_an_hour() {
    let rig = Rig::start().await;
    let (sender, mut received) = mpsc::unbounded_channel();
    let answer = Arc::new(AtomicU16::new(500));
    let status = Arc::clone(&answer);
    let hook = move |body: String| async move {
        sender.send(body).unwrap();
        StatusCode::from_u16(status.load(Ordering::SeqCst)).unwrap()
    };
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", socket.local_addr().unwrap());
    let routes = Router::new().route("/hook", post(hook));
    tokio::spawn(async move { axum::serve(socket, routes).await });
    rig.exchange.set_callback_url(url);
    rig.exchange
        .set_fault(ExchangeFault::DuplicateNotices, Fault::times(1).amount(1));
    rig.open_account().await;

    assert_eq!(rig.exchange.deliver().await, 4);
    assert_eq!(rig.exchange.deliver().await, 0);
    let first = received.recv().await.unwrap();
    assert_eq!(received.recv().await.unwrap(), first);
    answer.store(200, Ordering::SeqCst);
    rig.clock.advance(Duration::from_mins(1));
    assert_eq!(rig.exchange.deliver().await, 4);
    assert_eq!(rig.exchange.untold(), 0);

    answer.store(500, Ordering::SeqCst);
    let mut rig = rig;
    let new = rig.purchase(5_000);
    rig.gateway.place_order(&new).await.unwrap();
    for minutes in [0, 1, 9, 19] {
        rig.clock.advance(Duration::from_mins(minutes));
        assert_eq!(rig.exchange.deliver().await, 1);
    }
    assert_eq!(rig.exchange.untold(), 0);
}

#[tokio::test]
async fn a_lost_notice_never_comes_and_a_late_one_is_overtaken() {
    let mut rig = Rig::start().await;
    rig.open_account().await;
    rig.clock.advance(Duration::from_secs(1));
    rig.exchange.take_notices();
    let place = async |rig: &mut Rig| {
        let new = rig.purchase(5_000);
        rig.gateway.place_order(&new).await.unwrap().id
    };
    rig.exchange
        .set_fault(ExchangeFault::LoseNotices, Fault::times(1));
    place(&mut rig).await;
    rig.exchange
        .set_fault(ExchangeFault::DelayNotices, Fault::times(1));
    let late = place(&mut rig).await;
    let prompt = place(&mut rig).await;
    assert!(rig.exchange.take_notices()[0].contains(&prompt));
    rig.clock.advance(Duration::from_secs(5));
    assert!(rig.exchange.take_notices()[0].contains(&late));
    assert_eq!(rig.exchange.untold(), 0);
}
