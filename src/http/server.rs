//! Listens, and stops listening in an order that loses nothing.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

use crate::lifecycle::Lifecycle;

/// A bound socket: bound before anything else starts, so that a taken port is found
/// at once.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Binds `address`; port 0 takes a free one.
    pub async fn bind(address: SocketAddr) -> std::io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// How long open requests may take to end once the stop has begun. A page that listens
/// for events never ends by itself.
const DRAIN: Duration = Duration::from_secs(5);

/// Serves `routes` until `lifecycle` stops, then lets open requests end.
pub async fn serve(
    listener: Listener,
    routes: Router,
    lifecycle: Lifecycle,
) -> std::io::Result<()> {
    let stopping = lifecycle.stopping();
    let graceful = stopping.clone();
    let server = axum::serve(listener.socket, routes)
        .with_graceful_shutdown(async move { graceful.cancelled().await });
    let drained = async {
        stopping.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        ended = server => ended,
        () = drained => {
            tracing::warn!("open connections were cut at the end of the stop");
            Ok(())
        }
    }
}
