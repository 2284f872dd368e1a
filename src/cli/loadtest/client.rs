//! Posts webhooks over connections that stay open, with as little work as can be: the
//! requests are made before, and of an answer only the status is read.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection, opened again when it broke.
pub(super) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    read: Vec<u8>,
}

impl Connection {
    /// Returns a connection that opens with its first request.
    pub(super) fn to(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            read: Vec::with_capacity(1_024),
        }
    }

    /// Sends a request and returns the status of its answer.
    pub(super) async fn post(&mut self, request: &[u8]) -> io::Result<u16> {
        let mut stream = if let Some(stream) = self.stream.take() {
            stream
        } else {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            stream
        };
        stream.write_all(request).await?;
        self.read.clear();
        loop {
            if let Some((status, length)) = answer(&self.read)
                && self.read.len() >= length
            {
                self.stream = Some(stream);
                return Ok(status);
            }
            if stream.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// Returns status and length of an answer whose head is complete.
fn answer(read: &[u8]) -> Option<(u16, usize)> {
    let head = read.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&read[..head]).ok()?;
    let status = text.get(9..12)?.parse().ok()?;
    let length = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok())
        .unwrap_or(0);
    Some((status, head + 4 + length))
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn an_answer_is_complete_with_its_body() {
        assert_eq!(answer(b"HTTP/1.1 200 OK\r\n"), None);
        let whole = b"HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno";
        assert_eq!(answer(whole), Some((503, whole.len())));
        assert_eq!(answer(b"HTTP/1.1 200 OK\r\n\r\n"), Some((200, 19)));
    }
}
