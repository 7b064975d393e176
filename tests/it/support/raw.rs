//! A WebSocket peer without manners: it sends any bytes and answers nothing by itself.

use super::PATIENCE;
use serde_json::Value;
use std::io;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};

pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// A socket after (or before) the upgrade.
pub struct Raw {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// The head of the server's answer.
    pub head: String,
}

/// A frame from the server.
#[derive(Debug, PartialEq)]
pub struct Frame {
    pub opcode: u8,
    pub payload: Vec<u8>,
}

impl Raw {
    /// Connects and upgrades.
    pub async fn open(port: u16) -> Self {
        Self::with(port, "").await
    }

    /// The same with more header lines, each with its line end.
    pub async fn with(port: u16, headers: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let raw = Self::over(stream, headers).await;
        assert!(raw.head.starts_with("HTTP/1.1 101 "), "{}", raw.head);
        raw
    }

    /// The same at another path.
    pub async fn at(port: u16, path: &str, headers: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let raw = Self::ask(stream, path, headers, &[]).await;
        assert!(raw.head.starts_with("HTTP/1.1 101 "), "{}", raw.head);
        raw
    }

    /// Asks for the upgrade on this socket; whatever is answered.
    pub async fn over(stream: TcpStream, headers: &str) -> Self {
        Self::ask(stream, "/ws", headers, &[]).await
    }

    /// The same, with bytes that do not wait for the answer.
    pub async fn with_first(stream: TcpStream, headers: &str, first: &[u8]) -> Self {
        Self::ask(stream, "/ws", headers, first).await
    }

    async fn ask(stream: TcpStream, path: &str, headers: &str, first: &[u8]) -> Self {
        let mut raw = Self { stream, buffer: Vec::new(), head: String::new() };
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chirm.v1\r\n{headers}\r\n",
            raw.stream.peer_addr().unwrap()
        );
        raw.write(&[request.as_bytes(), first].concat()).await;
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(end) = raw.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                raw.head = String::from_utf8(raw.buffer.drain(..end + 4).collect()).unwrap();
                return raw;
            }
            assert!(raw.more(until).await, "no answer to the upgrade: {:?}", raw.buffer);
        }
    }

    /// Any bytes. A peer that went away takes none.
    pub async fn write(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            self.stream.writable().await.unwrap();
            match self.stream.try_write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }

    /// A whole frame, masked as it must be.
    pub async fn frame(&mut self, opcode: u8, payload: &[u8]) {
        self.part(0x80 | opcode, payload).await;
    }

    /// A masked frame with any first byte.
    pub async fn part(&mut self, first: u8, payload: &[u8]) {
        self.write(&masked(first, payload)).await;
    }

    pub async fn text(&mut self, text: &str) {
        self.frame(TEXT, text.as_bytes()).await;
    }

    /// Signs in.
    pub async fn hello(&mut self, token: &str) -> Value {
        self.text(&format!(r#"{{"id":1,"op":"hello","token":"{token}"}}"#)).await;
        let answer = self.json().await;
        assert!(answer["ok"].is_object(), "{answer}");
        answer
    }

    /// Reads more bytes; false at the end.
    async fn more(&mut self, until: Instant) -> bool {
        loop {
            let ready = timeout_at(until, self.stream.readable()).await;
            ready.unwrap_or_else(|_| panic!("nothing came in time; unread: {:?}", String::from_utf8_lossy(&self.buffer))).unwrap();
            match self.stream.try_read_buf(&mut self.buffer) {
                Ok(0) => return false,
                Ok(_) => return true,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return false,
            }
        }
    }

    /// The next frame; none at the end of the stream.
    pub async fn next(&mut self) -> Option<Frame> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(frame) = self.cut() {
                return Some(frame);
            }
            if !self.more(until).await {
                return None;
            }
        }
    }

    /// Reads whatever comes as fast as it comes, and forgets it, until the end.
    #[allow(dead_code, reason = "for tests/soak")]
    pub async fn forget(self) {
        let mut sink = vec![0; 64 * 1024];
        loop {
            if self.stream.readable().await.is_err() {
                return;
            }
            match self.stream.try_read(&mut sink) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }

    fn cut(&mut self) -> Option<Frame> {
        let &[first, second, ..] = &self.buffer[..] else { return None };
        assert_eq!(second & 0x80, 0, "a server's frames are not masked");
        let (start, len) = match second {
            126 => (4, usize::from(u16::from_be_bytes(self.buffer.get(2..4)?.try_into().ok()?))),
            127 => (10, usize::try_from(u64::from_be_bytes(self.buffer.get(2..10)?.try_into().ok()?)).ok()?),
            len => (2, usize::from(len)),
        };
        let payload = self.buffer.get(start..start + len)?.to_vec();
        self.buffer.drain(..start + len);
        Some(Frame { opcode: first & 0x0f, payload })
    }

    /// The next text frame's JSON; pings are looked away from.
    pub async fn json(&mut self) -> Value {
        loop {
            match self.next().await {
                Some(Frame { opcode: TEXT, payload }) => return serde_json::from_slice(&payload).unwrap(),
                Some(Frame { opcode: PING, .. }) => {}
                other => panic!("{:?} is no text frame: {other:?}", other.as_ref().map(|f| String::from_utf8_lossy(&f.payload))),
            }
        }
    }

    /// The answer to a request, past all events.
    pub async fn answer(&mut self) -> Value {
        loop {
            let frame = self.json().await;
            if frame.get("event").is_none() {
                return frame;
            }
        }
    }

    /// The next control frame, past all text; none at the end of the stream.
    #[allow(dead_code, reason = "for tests/it")]
    pub async fn control(&mut self) -> Option<Frame> {
        loop {
            let frame = self.next().await?;
            if frame.opcode != TEXT {
                return Some(frame);
            }
        }
    }

    /// The code with which the connection closes, past all other frames; 1006 where it just ends.
    pub async fn closed(&mut self) -> u16 {
        loop {
            match self.next().await {
                Some(Frame { opcode: CLOSE, payload }) => {
                    return payload.get(..2).map_or(1005, |code| u16::from_be_bytes([code[0], code[1]]));
                }
                Some(_) => {}
                None => return 1006,
            }
        }
    }
}

/// A masked frame with any first byte.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        len @ 0..126 => frame.push(0x80 | len as u8),
        len @ 126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(0x80 | 127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    let mask = [0xa5, 0x00, 0xff, 0x1b];
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}
