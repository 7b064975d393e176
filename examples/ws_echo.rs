//! An echo server on Chirm's own frame decoder, connection and Outbox, for suites that test conformance to RFC 6455:
//! `cargo run --example ws_echo -- 127.0.0.1:9001`, then for example `wstest -m fuzzingclient`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    dead_code,
    reason = "a tool for the terminal, and a part of a test"
)]

use actix_http::ws::hash_key;
use bytes::{BufMut, Bytes, BytesMut};
use chirm::{
    actors::{
        connection::{Connection, Phase},
        session::{Decoder, Incoming},
    },
    protocol::close_frame,
};
use std::{
    future::poll_fn,
    io,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{LocalSet, spawn_local},
};

/// Largest message.
const LIMIT: usize = 16 * 1024 * 1024;
/// Bytes that may wait for a client before no more of it is read.
const BOUND: usize = LIMIT;
/// Largest head of a request.
const HEAD: usize = 16 * 1024;

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const PONG: u8 = 0x8a;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9001".to_owned());
    let listener = std::net::TcpListener::bind(address)?;
    println!("echoing at ws://{}", listener.local_addr()?);
    serve(listener)
}

/// Serves until the process ends.
pub fn serve(listener: std::net::TcpListener) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    LocalSet::new().block_on(&runtime, async {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            spawn_local(async move {
                stream.set_nodelay(true)?;
                client(stream).await
            });
        }
    })
}

async fn client(mut stream: TcpStream) -> io::Result<()> {
    let first = handshake(&mut stream).await?;
    let mut decoder = Decoder::default();
    decoder.keep(&first);
    let mut echo = Echo { connection: Connection::new(stream, BOUND, 0), decoder, buffer: vec![0; 64 * 1024] };
    poll_fn(|task| echo.poll(task)).await;
    Ok(())
}

/// Answers the upgrade; gives the bytes that came after it.
async fn handshake(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let end = loop {
        if let Some(at) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if head.len() > HEAD || stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
    };
    let rest = head.split_off(end);
    let head = String::from_utf8_lossy(&head);
    let key = head.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"));
    let accept = hash_key(key.ok_or(io::ErrorKind::InvalidData)?.1.trim().as_bytes());
    let accept = String::from_utf8_lossy(&accept).into_owned();
    let answer =
        format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
    stream.write_all(answer.as_bytes()).await?;
    Ok(rest)
}

struct Echo {
    connection: Connection,
    decoder: Decoder,
    buffer: Vec<u8>,
}

impl Echo {
    /// Reads, echoes and writes, as a session of the server does.
    fn poll(&mut self, task: &mut Context<'_>) -> Poll<()> {
        self.connection.set_waker(task);
        loop {
            self.connection.flush();
            match self.connection.phase() {
                Phase::Dead => return Poll::Ready(()),
                Phase::Closing => return self.poll_close(task),
                Phase::Open => {}
            }
            if !self.connection.may_read(u32::MAX) {
                return Poll::Pending;
            }
            if self.decoder.has_rest() {
                let before = self.connection.unsent();
                self.take(0);
                if self.connection.unsent() != before || self.connection.phase() != Phase::Open {
                    continue;
                }
            }
            match self.connection.poll_read(task, &mut self.buffer) {
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(count)) => self.take(count),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn take(&mut self, count: usize) {
        let Self { connection, decoder, buffer } = self;
        let fed = decoder.feed(&mut buffer[..count], LIMIT, |incoming| {
            match incoming {
                Incoming::Text(text) => connection.force(frame(TEXT, text.as_bytes())),
                Incoming::Binary(bytes) => connection.force(frame(BINARY, bytes)),
                Incoming::Ping(payload) => connection.force(frame(PONG, payload)),
                Incoming::Pong => {}
                Incoming::Close(code) => connection.close(close_frame(code.unwrap_or(1000), "")),
            }
            (connection.phase() == Phase::Open && connection.may_read(u32::MAX)).then_some(LIMIT)
        });
        if let Err(breach) = fed {
            connection.close(close_frame(breach.code, breach.reason));
        }
    }

    /// The close frame goes out, then the peer's end of the stream is awaited.
    fn poll_close(&mut self, task: &mut Context<'_>) -> Poll<()> {
        if self.connection.has_unsent() {
            return Poll::Pending;
        }
        self.connection.shut(task);
        loop {
            match self.connection.poll_read(task, &mut self.buffer) {
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(_)) => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

fn frame(first: u8, payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(payload.len() + 10);
    frame.put_u8(first);
    match payload.len() {
        len @ 0..126 => frame.put_u8(len as u8),
        len @ 126..=0xffff => {
            frame.put_u8(126);
            frame.put_u16(len as u16);
        }
        len => {
            frame.put_u8(127);
            frame.put_u64(len as u64);
        }
    }
    frame.extend_from_slice(payload);
    frame.freeze()
}
