//! End to end: the server as a process of its own, real sockets, every message stored.

use criterion::{Criterion, Throughput};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};
use tokio::runtime::Runtime;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};
use uuid::Uuid;

struct Server {
    child: Child,
    address: String,
    _dir: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_chirm"))
            .args(["serve", "--bind", "127.0.0.1:0", "--data-dir"])
            .arg(dir.path())
            .env("CHIRM_AUTH__GUESTS", "true")
            .env("CHIRM_LIMITS__ENABLED", "false")
            .env("CHIRM_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit_once("http://").unwrap().1.to_owned();
        Self { child, address, _dir: dir }
    }

    fn guest(&self, name: &str) -> String {
        let body = json!({ "username": name }).to_string();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "POST /api/v1/auth/guest HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let start = answer.find("\"token\":\"").unwrap() + 9;
        answer[start..].split('"').next().unwrap().to_owned()
    }

    async fn connect(&self, name: &str) -> Socket {
        let (mut socket, _) = connect_async(format!("ws://{}/ws", self.address)).await.unwrap();
        call(&mut socket, json!({ "id": 1, "op": "hello", "token": self.guest(name) })).await;
        socket
    }
}

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

async fn next(socket: &mut Socket) -> Value {
    loop {
        if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

async fn call(socket: &mut Socket, request: Value) -> Value {
    socket.send(Message::text(request.to_string())).await.unwrap();
    loop {
        let frame = next(socket).await;
        if frame["id"] == request["id"] {
            return frame;
        }
    }
}

fn send(id: u64) -> Value {
    json!({ "id": id, "op": "send", "room": "#lobby", "client_id": Uuid::now_v7(), "body": "x".repeat(128) })
}

async fn until_message(socket: &mut Socket) {
    while next(socket).await["event"] != "message" {}
}

pub fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("sockets");
    group.sample_size(20);
    let server = Server::start();
    let runtime = Runtime::new().unwrap();
    let mut sender = runtime.block_on(server.connect("sender"));
    group.bench_function("send and its reply, stored", |b| {
        let mut id = 10;
        b.iter(|| {
            id += 1;
            let reply = runtime.block_on(call(&mut sender, send(id)));
            assert!(reply["ok"]["seq"].is_u64(), "{reply}");
        });
    });
    let mut listeners: Vec<Socket> = (0..100).map(|n| runtime.block_on(server.connect(&format!("listener{n}")))).collect();
    group.throughput(Throughput::Elements(100));
    group.bench_function("one message to 100 listeners, stored", |b| {
        let mut id = 1_000_000;
        b.iter(|| {
            id += 1;
            runtime.block_on(async {
                call(&mut sender, send(id)).await;
                for listener in &mut listeners {
                    until_message(listener).await;
                }
            });
        });
    });
    group.finish();
}
