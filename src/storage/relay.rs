//! The way to PostgreSQL over TCP, on which nothing waits to be sent, and which ends when
//! the server falls silent.
//!
//! sqlx 0.9.0 leaves Nagle's algorithm on
//! (<https://github.com/transact-rs/sqlx/issues/4335>, mended after that release): what is
//! written before the server acknowledged the last is held back, 40 ms at a time. So sqlx
//! is given a socket of this machine, and what goes through it is passed on at once. TLS
//! is spoken through it, between sqlx and the server; here are only bytes.
//!
//! A server that is cut off says nothing, and whoever waits for its answer would wait for a
//! quarter of an hour, or for ever. So its machine is asked whether it is still there.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use sqlx::postgres::PgConnectOptions;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use super::{Error, PATIENCE};

/// How long to leave a server alone that refuses connections because it is starting.
const PAUSE: Duration = Duration::from_millis(100);

/// For how long nothing may come before the server's machine is asked whether it is there.
const QUIET: Duration = Duration::from_secs(5);
/// How far apart it is asked, and how often. However long a statement takes, it is the
/// machine that answers and not the database.
const ASKED_EVERY: Duration = Duration::from_secs(2);
const ASKED: u32 = 3;
/// For how long it may leave unacknowledged what was sent to it.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(8);

/// The socket, which ends with this value.
#[derive(Debug)]
pub(super) struct Relay {
    url: String,
    _passing: AbortOnDropHandle<()>,
    _folder: Folder,
}

impl Relay {
    /// Opens a socket for the server of this URL; `None` if that is reached through one
    /// already, or none can be opened and it has to be the slow way. Errors if the server
    /// cannot be reached within `patience`.
    pub(super) async fn to(url: &str, patience: Duration) -> Result<Option<Self>, Error> {
        let options: PgConnectOptions = url.parse()?;
        let host = options.get_host().trim_matches(['[', ']']);
        if options.get_socket().is_some() || host.starts_with('/') {
            return Ok(None);
        }
        let server = (host.to_owned(), options.get_port());
        // Asked here, where the answer can be told as it is.
        let reached = reach(&server, patience).await;
        reached.map_err(|error| unreachable(&server, &error))?;
        match open(server.1) {
            Ok((folder, listener)) => Ok(Some(Self {
                url: through(url, &folder.0)?,
                _passing: AbortOnDropHandle::new(tokio::spawn(pass_all(listener, server))),
                _folder: folder,
            })),
            Err(error) => {
                tracing::warn!(
                    %error,
                    "no socket for PostgreSQL in the folder for temporary files (TMPDIR); \
                     statements to it may take 40 ms longer"
                );
                Ok(None)
            }
        }
    }

    /// Returns the URL by which the server is reached through the socket.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

fn open(port: u16) -> io::Result<(Folder, UnixListener)> {
    let folder = Folder::make()?;
    let listener = UnixListener::bind(folder.0.join(format!(".s.PGSQL.{port}")))?;
    Ok((folder, listener))
}

/// The host stays in the URL: it is the one that the server's certificate must name.
fn through(url: &str, folder: &Path) -> Result<String, Error> {
    let mut url =
        Url::parse(url).map_err(|error| Error::Setup(format!("DATABASE_URL: {error}")))?;
    let folder = folder.to_string_lossy();
    url.query_pairs_mut().append_pair("host", &folder);
    Ok(url.into())
}

fn unreachable((host, port): &(String, u16), error: &io::Error) -> Error {
    Error::Unavailable(format!(
        "PostgreSQL at {host}:{port} cannot be reached: {error}"
    ))
}

async fn pass_all(listener: UnixListener, server: (String, u16)) {
    let mut passing = JoinSet::new();
    loop {
        tokio::select! {
            came = listener.accept() => match came {
                Ok((near, _)) => drop(passing.spawn(pass(near, server.clone()))),
                Err(error) => {
                    tracing::warn!(%error, "a connection to PostgreSQL was not begun");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            Some(_) = passing.join_next() => {}
        }
    }
}

async fn pass(mut near: UnixStream, server: (String, u16)) {
    match reach(&server, PATIENCE).await {
        // However it ends, both sides see it end.
        Ok(mut far) => drop(copy_bidirectional(&mut near, &mut far).await),
        Err(error) => tracing::warn!("{}", unreachable(&server, &error)),
    }
}

/// Connects; waits for a server that refuses, as one does that is just starting.
async fn reach((host, port): &(String, u16), patience: Duration) -> io::Result<TcpStream> {
    let connect = async {
        loop {
            match TcpStream::connect((host.as_str(), *port)).await {
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                    tokio::time::sleep(PAUSE).await;
                }
                reached => return reached,
            }
        }
    };
    let server = tokio::time::timeout(patience, connect).await;
    let late = format!("refused, or no answer, for {patience:?}");
    let server = server.map_err(|_| io::Error::other(late))??;
    server.set_nodelay(true)?;
    end_in_silence(&server)?;
    Ok(server)
}

/// Has a connection end whose other side is gone without a word.
fn end_in_silence(server: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(server);
    let asking = TcpKeepalive::new()
        .with_time(QUIET)
        .with_interval(ASKED_EVERY)
        .with_retries(ASKED);
    socket.set_tcp_keepalive(&asking)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))?;
    Ok(())
}

/// A folder that only this user may look into.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn make() -> io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;

        let name = format!("sipbrewery-{:016x}", rand::random::<u64>());
        let path = std::env::temp_dir().join(name);
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in the folder for temporary files harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    async fn server() -> (TcpListener, String) {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = server.local_addr().unwrap().port();
        (server, format!("postgres://u:p@127.0.0.1:{port}/db"))
    }

    #[tokio::test]
    async fn what_is_written_reaches_the_server_and_its_answer_comes_back() {
        let (server, url) = server().await;
        let relay = Relay::to(&url, PATIENCE).await.unwrap().unwrap();
        let (asked_for_the_address, _) = server.accept().await.unwrap();
        drop(asked_for_the_address);
        let options: PgConnectOptions = relay.url().parse().unwrap();
        let port = options.get_port();
        let socket = options
            .get_socket()
            .unwrap()
            .join(format!(".s.PGSQL.{port}"));
        let mut near = UnixStream::connect(&socket).await.unwrap();
        near.write_all(b"question").await.unwrap();
        let (mut far, _) = server.accept().await.unwrap();
        let mut heard = [0; 8];
        far.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"question");
        far.write_all(b"answer").await.unwrap();
        drop(far);
        let mut answer = Vec::new();
        near.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"answer");
        drop(relay);
        assert!(!socket.exists(), "nothing is left behind");
    }

    #[tokio::test]
    async fn nothing_waits_to_be_sent() {
        let (server, _url) = server().await;
        let port = server.local_addr().unwrap().port();
        let reached = reach(&("127.0.0.1".to_owned(), port), PATIENCE)
            .await
            .unwrap();
        assert!(reached.nodelay().unwrap());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_server_that_falls_silent_is_not_waited_for() {
        let (server, _url) = server().await;
        let port = server.local_addr().unwrap().port();
        let reached = reach(&("127.0.0.1".to_owned(), port), PATIENCE)
            .await
            .unwrap();
        let socket = SockRef::from(&reached);
        assert!(socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), QUIET);
        assert_eq!(socket.tcp_keepalive_interval().unwrap(), ASKED_EVERY);
        assert_eq!(socket.tcp_keepalive_retries().unwrap(), ASKED);
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(UNACKNOWLEDGED));
    }

    #[test]
    fn the_certificate_is_still_asked_for_the_servers_name() {
        let url = "postgres://u:p%40ss@db.example:6432/sip?sslmode=verify-full";
        let url = through(url, Path::new("/run/a folder")).unwrap();
        let options: PgConnectOptions = url.parse().unwrap();
        assert_eq!(options.get_host(), "db.example");
        assert_eq!(options.get_port(), 6432);
        let socket = options.get_socket().map(PathBuf::as_path);
        assert_eq!(socket, Some(Path::new("/run/a folder")));
        let mode = options.get_ssl_mode();
        assert!(matches!(mode, sqlx::postgres::PgSslMode::VerifyFull));
    }

    #[tokio::test]
    async fn a_socket_of_the_server_is_used_as_it_is() {
        for url in [
            "postgres://u@localhost/db?host=/run/postgresql",
            "postgres://u@%2Frun%2Fpostgresql/db",
        ] {
            assert!(Relay::to(url, PATIENCE).await.unwrap().is_none(), "{url}");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_named() {
        let (server, url) = server().await;
        let port = server.local_addr().unwrap().port();
        drop(server);
        let refused = Relay::to(&url, Duration::from_millis(1)).await;
        let error = refused.unwrap_err().to_string();
        assert!(error.contains(&format!("127.0.0.1:{port}")), "{error}");
    }
}
