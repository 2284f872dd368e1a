//! A mail server that speaks SMTP on a port of this machine, and breaks where it is told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// The root its certificate, of `localhost`, is under.
pub(super) const ROOT: &[u8] = include_bytes!("../../../tests/data/smtp/root.pem");
const CERTIFICATE: &[u8] = include_bytes!("../../../tests/data/smtp/server.pem");
const KEY: &[u8] = include_bytes!("../../../tests/data/smtp/server.key.pem");

/// What it does instead of what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Answers this command with this line.
    Answers(&'static str, &'static str),
    /// Hangs up on this command. `.` is the end of the words.
    HangsUp(&'static str),
    /// Never answers this command.
    IsSilent(&'static str),
    /// Answers a command with this line, and does not take leave.
    FallsSilent(&'static str, &'static str),
}

/// A letter as it came in.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) words: String,
    pub(super) login: Option<String>,
}

pub(super) struct Server {
    pub(super) port: u16,
    state: Arc<State>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    fault: Mutex<Option<Fault>>,
    received: Mutex<Vec<Received>>,
    /// What it was told where everybody could listen.
    in_the_clear: Mutex<Vec<String>>,
    tls: Option<TlsAcceptor>,
}

impl Server {
    pub(super) async fn start() -> Self {
        Self::with(State::default()).await
    }

    /// Starts one that offers STARTTLS, and nothing but that before it.
    pub(super) async fn with_starttls() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let chain = vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        Self::with(State {
            tls: Some(TlsAcceptor::from(Arc::new(config))),
            ..State::default()
        })
        .await
    }

    async fn with(state: State) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(state);
        let serving = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&serving);
                tokio::spawn(async move {
                    // Whoever hangs up on us has had their test.
                    let _ = state.serve(stream).await;
                });
            }
        });
        Self { port, state, task }
    }

    pub(super) fn breaks(&self, fault: Option<Fault>) {
        *self.state.fault.lock().unwrap() = fault;
    }

    /// Returns the first words of each command that was not protected.
    pub(super) fn in_the_clear(&self) -> Vec<String> {
        self.state.in_the_clear.lock().unwrap().clone()
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

enum Next {
    Say(&'static str),
    HangUp,
    Nothing,
}

impl State {
    /// Returns what to do on a command whose proper answer is this.
    fn next(&self, command: &str, proper: &'static str) -> Next {
        match *self.fault.lock().unwrap() {
            Some(Fault::Answers(on, line)) if on == command => Next::Say(line),
            Some(Fault::HangsUp(on)) if on == command => Next::HangUp,
            Some(Fault::IsSilent(on)) if on == command => Next::Nothing,
            Some(Fault::FallsSilent(on, line)) if on == command => Next::Say(line),
            Some(Fault::FallsSilent(..)) if command == "QUIT" => Next::Nothing,
            _ => Next::Say(proper),
        }
    }

    async fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 mail.test ESMTP\r\n").await?;
        if !self.talk(&mut stream, false).await? {
            return Ok(());
        }
        // What was sent ahead of the handshake is nobody's.
        let tls = self.tls.as_ref().expect("it was offered");
        let stream = tls.accept(stream.into_inner()).await?;
        self.talk(&mut BufReader::new(stream), true).await?;
        Ok(())
    }

    /// Talks until the end; returns whether it goes on under TLS.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        protected: bool,
    ) -> std::io::Result<bool> {
        let upgrades = self.tls.is_some() && !protected;
        let mut letter = Received {
            from: String::new(),
            to: Vec::new(),
            words: String::new(),
            login: None,
        };
        let proper = HashMap::from([
            (
                "EHLO",
                if upgrades {
                    "250-mail.test\r\n250 STARTTLS"
                } else {
                    "250-mail.test\r\n250-AUTH PLAIN\r\n250 8BITMIME"
                },
            ),
            ("STARTTLS", if upgrades { "220 go on" } else { "502 what?" }),
            ("AUTH", "235 welcome"),
            ("MAIL", "250 ok"),
            ("RCPT", "250 ok"),
            ("DATA", "354 go on"),
            (".", "250 queued as 1"),
            ("QUIT", "221 bye"),
        ]);
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(false);
            }
            let text = line.trim_end().to_owned();
            let verb = text.split(' ').next().unwrap_or("").to_ascii_uppercase();
            if !protected {
                self.in_the_clear.lock().unwrap().push(verb.clone());
            }
            let address = text.split(['<', '>']).nth(1).unwrap_or("").to_owned();
            let mut command = verb.as_str();
            let usual = proper.get(command).copied().unwrap_or("502 what?");
            let mut next = self.next(command, usual);
            match (command, &next) {
                ("MAIL", Next::Say(said)) if said.starts_with("250") => letter.from = address,
                ("RCPT", Next::Say(said)) if said.starts_with("250") => letter.to.push(address),
                ("AUTH", _) => letter.login = text.split(' ').nth(2).map(str::to_owned),
                ("DATA", Next::Say(said)) if said.starts_with("354") => {
                    stream.write_all(format!("{said}\r\n").as_bytes()).await?;
                    letter.words = read_words(stream).await?;
                    command = ".";
                    next = self.next(command, "250 queued as 1");
                    if matches!(next, Next::Say(said) if said.starts_with("250")) {
                        self.received.lock().unwrap().push(letter.clone());
                    }
                }
                _ => {}
            }
            let begins =
                command == "STARTTLS" && matches!(next, Next::Say(said) if said.starts_with("220"));
            match next {
                Next::Say(said) => stream.write_all(format!("{said}\r\n").as_bytes()).await?,
                Next::HangUp => return Ok(false),
                Next::Nothing => std::future::pending::<()>().await,
            }
            if begins || command == "QUIT" {
                return Ok(begins);
            }
        }
    }
}

async fn read_words(stream: &mut (impl AsyncBufReadExt + Unpin)) -> std::io::Result<String> {
    let mut words = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(words);
        }
        words.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
