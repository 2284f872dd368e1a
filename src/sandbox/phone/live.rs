//! Tells the page what to look at again, as server-sent events.

use std::convert::Infallible;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use crate::sandbox::emulator::{Emulator, News};

/// Returns the stream of news from now on.
pub(super) fn events(
    emulator: &Emulator,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let news = futures::stream::unfold(emulator.subscribe(), |mut news| async {
        let said = match news.recv().await {
            Ok(News::Chat(user)) => json!({"what": "chat", "user": user}),
            Ok(News::Log) => json!({"what": "log"}),
            Ok(News::Clock) => json!({"what": "clock"}),
            Ok(News::Switches) => json!({"what": "switches"}),
            Err(RecvError::Lagged(_)) => json!({"what": "everything"}),
            Err(RecvError::Closed) => return None,
        };
        let event = Event::default().data(said.to_string());
        Some((Ok(event), news))
    });
    // A page that listens must not keep a server from stopping.
    let news = news.take_until(emulator.closing().cancelled_owned());
    Sse::new(news).keep_alive(KeepAlive::default())
}
