use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::super::errors::Scope;
use super::super::media as media_file;
use super::*;

const TOKEN: &str = "EAAGsecret";

fn client_with(base_url: &str, timeout: Duration) -> GraphClient {
    let _ = rustls::crypto::ring::default_provider().install_default();
    GraphClient::new(base_url, "v25.0", "1065", &TOKEN.into(), timeout).unwrap()
}

fn client(port: u16) -> GraphClient {
    client_with(&format!("http://127.0.0.1:{port}"), DEFAULT_TIMEOUT)
}

/// Reads one whole request, headers and body.
async fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return text;
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap() == 0 {
            return text;
        }
    }
}

/// Answers one connection's requests with `answers`, then closes it. An empty answer closes at once.
async fn graph(answers: Vec<String>) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut requests = Vec::new();
        for answer in answers {
            requests.push(request(&mut stream).await);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        requests
    };
    (port, tokio::spawn(server))
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

fn is_unknown(outcome: &SendOutcome) -> bool {
    matches!(outcome, SendOutcome::Unknown { .. })
}

#[tokio::test]
async fn a_send_is_one_signed_post_and_brings_the_message_id() {
    let accepted = answer("200 OK", "", r#"{"messages":[{"id":"wamid.A"}]}"#);
    let (port, server) = graph(vec![accepted]).await;

    let outcome = client(port).send(br#"{"to":"+91"}"#.to_vec()).await;

    let wamid = "wamid.A".into();
    assert_eq!(outcome, SendOutcome::Accepted { wamid });
    let request = &server.await.unwrap()[0];
    assert!(request.starts_with("POST /v25.0/1065/messages HTTP/1.1\r\n"));
    assert!(request.contains("authorization: Bearer EAAGsecret\r\n"));
    assert!(request.contains("content-type: application/json\r\n"));
    assert!(request.ends_with("\r\n\r\n{\"to\":\"+91\"}"));
}

#[tokio::test]
async fn a_refusal_is_judged_by_its_code_and_its_wait_is_kept() {
    let refused = answer(
        "403 Forbidden",
        "retry-after: 9\r\n",
        r#"{"error":{"code":131056}}"#,
    );
    let (port, _server) = graph(vec![refused]).await;
    let after = Duration::from_secs(9);
    let scope = Scope::Pair;
    let expected = SendOutcome::Throttled { after, scope };
    assert_eq!(client(port).send(Vec::new()).await, expected);
}

#[tokio::test]
async fn nothing_listening_means_nothing_was_written() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let outcome = client(port).send(Vec::new()).await;
    assert_eq!(outcome, SendOutcome::Unreached);
}

#[tokio::test]
async fn whatever_breaks_after_the_request_was_read_is_unknown() {
    let cut_off = "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"messages\":[{\"id\":\"w\"}]}";
    for broken in [
        String::new(),
        cut_off.to_owned(),
        "HTTP/1.1 200".to_owned(),
        "nonsense\r\n\r\n".to_owned(),
        answer("502 Bad Gateway", "", "<html>"),
        answer("307 Temporary Redirect", "location: /elsewhere\r\n", ""),
        answer("200 OK", "", &" ".repeat(LONGEST_ANSWER + 1)),
    ] {
        let (port, server) = graph(vec![broken.clone()]).await;
        let outcome = client(port).send(b"{}".to_vec()).await;
        assert!(is_unknown(&outcome), "{outcome:?} after {broken:.40}");
        server.abort();
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let client = client_with(&base, Duration::from_millis(50));
    let reason = "timed out".into();
    assert_eq!(
        client.send(b"{}".to_vec()).await,
        SendOutcome::Unknown { reason, code: None }
    );
}

#[tokio::test]
async fn a_pooled_connection_that_breaks_under_a_request_is_unknown() {
    let accepted = answer("200 OK", "", r#"{"messages":[{"id":"wamid.A"}]}"#);
    let (port, server) = graph(vec![accepted, String::new()]).await;
    let client = client(port);
    let first = client.send(b"{}".to_vec()).await;
    assert!(matches!(first, SendOutcome::Accepted { .. }));
    assert!(is_unknown(&client.send(b"{}".to_vec()).await));
    assert_eq!(server.await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_message_is_marked_as_read() {
    let (port, server) = graph(vec![answer("200 OK", "", r#"{"success":true}"#)]).await;
    assert_eq!(client(port).mark_read("wamid.A").await, Ok(()));
    assert!(server.await.unwrap()[0].contains(r#""message_id":"wamid.A""#));
}

#[tokio::test]
async fn the_token_is_checked_by_asking_about_the_number() {
    let facts = r#"{"verified_name":"SIP Brewery","quality_rating":"GREEN","id":"1065"}"#;
    let (port, server) = graph(vec![answer("200 OK", "", facts)]).await;
    let facts = client(port).check_token().await.unwrap();
    assert_eq!(facts.verified_name.as_deref(), Some("SIP Brewery"));
    let asked = server.await.unwrap().remove(0);
    assert!(asked.starts_with("GET /v25.0/1065?fields=display_phone_number"));
    assert!(asked.contains("user-agent: sipbrewery/"), "{asked}");

    let expired = answer(
        "401 Unauthorized",
        "",
        r#"{"error":{"message":"Malformed token EAAGsecret","code":190}}"#,
    );
    let (port, _server) = graph(vec![expired]).await;
    let error = client(port).check_token().await.unwrap_err();
    let refused = CallError::Refused {
        code: 190,
        status: 401,
        reason: "no details".to_owned(),
    };
    assert_eq!(error, refused);
    assert!(!format!("{error:?} {error}").contains(TOKEN));
}

#[tokio::test]
async fn an_account_that_no_app_is_told_of_is_known() {
    let app = r#"{"data":[{"whatsapp_business_api_data":{"id":"1"}}]}"#;
    let answers = [app, r#"{"data":[]}"#].map(|body| answer("200 OK", "", body));
    let (port, server) = graph(answers.to_vec()).await;
    let client = client(port);
    assert_eq!(client.is_subscribed("77").await, Ok(true));
    assert_eq!(client.is_subscribed("77").await, Ok(false));
    assert!(server.await.unwrap()[0].starts_with("GET /v25.0/77/subscribed_apps"));
}

#[test]
fn the_token_does_not_show_in_debug_output() {
    let shown = format!("{:?}", client(1));
    assert!(!shown.contains(TOKEN) && shown.contains("/v25.0/1065/messages"));
}

#[test]
fn plain_http_is_for_this_machine_only() {
    for good in [
        "https://graph.facebook.com",
        "https://graph.facebook.com/",
        "http://localhost:8080/emulator",
        "http://127.0.0.1",
        "http://127.9.9.9:1",
        "http://[::1]:8080",
    ] {
        assert!(check_base_url(good).is_ok(), "{good}");
    }
    for bad in [
        "http://graph.facebook.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://[::2]",
    ] {
        assert_eq!(check_base_url(bad), Err(BadSettings::PlainHttp), "{bad}");
    }
    for bad in [
        "",
        "graph.facebook.com",
        "ftp://graph.facebook.com",
        "https://user@graph.facebook.com",
        "https://graph.facebook.com/?a=b",
        "http://127.0.0.1@example.com",
    ] {
        assert_eq!(check_base_url(bad), Err(BadSettings::Address), "{bad}");
    }
}

#[test]
fn settings_that_cannot_work_are_named() {
    let new = |version, id, token: &str| {
        let token = token.into();
        GraphClient::new(
            "https://graph.facebook.com",
            version,
            id,
            &token,
            DEFAULT_TIMEOUT,
        )
        .map(|_| ())
    };
    assert_eq!(new("25.0", "1", "t"), Err(BadSettings::Version));
    assert_eq!(new("v25", "1", "t"), Err(BadSettings::Version));
    assert_eq!(new("v25.0", "1/2", "t"), Err(BadSettings::PhoneNumberId));
    assert_eq!(new("v25.0", "", "t"), Err(BadSettings::PhoneNumberId));
    assert_eq!(new("v25.0", "1", "t\n"), Err(BadSettings::Token));
}

fn pdf() -> media_file::File {
    media_file::File {
        mime: "application/pdf".into(),
        name: "statement.pdf".into(),
        bytes: b"%PDF-1.7 the figures".to_vec(),
    }
}

#[tokio::test]
async fn an_upload_is_one_signed_form_and_brings_the_media_id() {
    let taken = answer("200 OK", "", r#"{"id":"77"}"#);
    let (port, server) = graph(vec![taken]).await;

    assert_eq!(client(port).upload(pdf()).await, Ok("77".into()));

    let request = &server.await.unwrap()[0];
    assert!(request.starts_with("POST /v25.0/1065/media HTTP/1.1\r\n"));
    assert!(request.contains("authorization: Bearer EAAGsecret\r\n"));
    for part in [
        "name=\"messaging_product\"\r\n\r\nwhatsapp\r\n",
        "name=\"type\"\r\n\r\napplication/pdf\r\n",
        "name=\"file\"; filename=\"statement.pdf\"\r\nContent-Type: application/pdf\r\n",
        "\r\n\r\n%PDF-1.7 the figures\r\n",
    ] {
        assert!(request.contains(part), "{part} in {request}");
    }
}

/// Whatever becomes of an upload, nothing was sent: it may be repeated.
#[tokio::test]
async fn no_upload_is_ever_doubtful() {
    let cases = [
        (
            "500 Internal Server Error",
            r#"{"error":{"code":131000}}"#,
            "retry",
        ),
        ("502 Bad Gateway", "<html>", "retry"),
        ("200 OK", r#"{"success":true}"#, "retry"),
        ("400 Bad Request", r#"{"error":{"code":131053}}"#, "retry"),
        ("400 Bad Request", r#"{"error":{"code":100}}"#, "permanent"),
        (
            "400 Bad Request",
            r#"{"error":{"code":130429}}"#,
            "throttled",
        ),
        ("401 Unauthorized", r#"{"error":{"code":190}}"#, "policy"),
        ("", "", "retry"),
    ];
    for (status, body, expected) in cases {
        let answers = vec![match status {
            "" => String::new(),
            status => answer(status, "", body),
        }];
        let (port, _server) = graph(answers).await;
        let Err(NotUploaded::Outcome(outcome)) = client(port).upload(pdf()).await else {
            panic!("{status} {body}");
        };
        let word = match outcome {
            SendOutcome::Retry { .. } | SendOutcome::Unreached => "retry",
            SendOutcome::Throttled { .. } => "throttled",
            SendOutcome::Permanent { .. } => "permanent",
            SendOutcome::Policy { .. } => "policy",
            SendOutcome::Unknown { .. } | SendOutcome::Accepted { .. } => "doubtful",
        };
        assert_eq!(word, expected, "{status} {body}");
    }
}

#[tokio::test]
async fn what_meta_would_refuse_is_not_uploaded() {
    let calendar = media_file::File {
        mime: "text/calendar".into(),
        ..pdf()
    };
    // Nobody listens there.
    let refused = client(1).upload(calendar).await;
    assert!(matches!(refused, Err(NotUploaded::Unfit(_))), "{refused:?}");
}

/// Answers a look-up of a file at the address of the test, then the file.
async fn file_server(
    url: Option<&str>,
    sha256: &str,
    bytes: &str,
) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let own = format!("http://127.0.0.1:{port}/files/77");
    let url = url.unwrap_or(&own);
    let place =
        format!(r#"{{"url":"{url}","mime_type":"application/pdf","sha256":"{sha256}","id":"77"}}"#);
    let answers = [answer("200 OK", "", &place), answer("200 OK", "", bytes)];
    let server = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut requests = Vec::new();
        for answer in answers {
            let asked = request(&mut stream).await;
            if asked.is_empty() {
                break;
            }
            requests.push(asked);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        requests
    };
    (port, tokio::spawn(server))
}

const FIGURES: &str = "%PDF-1.7 the figures";

fn sum_of(text: &str) -> String {
    use sha2::Digest as _;

    super::super::inbound::hex(&sha2::Sha256::digest(text.as_bytes()))
}

#[tokio::test]
async fn a_file_is_looked_up_and_fetched_with_the_token() {
    let (port, server) = file_server(None, &sum_of(FIGURES), FIGURES).await;
    let found = client(port).download("77", 1_000).await.unwrap();
    assert_eq!(found.bytes, FIGURES.as_bytes());
    assert_eq!(found.mime, "application/pdf");
    let requests = server.await.unwrap();
    assert!(requests[0].starts_with("GET /v25.0/77?phone_number_id=1065 "));
    assert!(requests[1].starts_with("GET /files/77 "));
    for request in requests {
        assert!(request.contains("authorization: Bearer EAAGsecret\r\n"));
    }
}

#[tokio::test]
async fn a_file_that_is_not_what_was_told_is_not_taken() {
    let right = sum_of(FIGURES);
    let program = "MZ this is a program";
    for (sum, bytes, most, is_passing) in [
        (&sum_of("another"), FIGURES, 1_000, true),
        (&right, FIGURES, 10, false),
        (&sum_of(program), program, 1_000, false),
    ] {
        let (port, _server) = file_server(None, sum, bytes).await;
        let refused = client(port).download("77", most).await.unwrap_err();
        assert_eq!(refused.is_passing(), is_passing, "{refused}");
    }
}

#[tokio::test]
async fn the_token_goes_to_no_address_that_others_can_read() {
    for url in [
        "http://files.example.in/77",
        "ftp://127.0.0.1/77",
        "no address",
    ] {
        let (port, server) = file_server(Some(url), &sum_of(FIGURES), FIGURES).await;
        let refused = client(port).download("77", 1_000).await;
        assert_eq!(refused, Err(NotDownloaded::Address), "{url}");
        server.abort();
    }
}
