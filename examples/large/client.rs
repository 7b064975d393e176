//! A server of its own, and connections to it.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

pub struct Server {
    child: Child,
    pub address: String,
    /// From the start of the program to its first line, which it prints when it is ready.
    pub ready_after: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    pub fn start(program: &str, folder: &Path) -> Self {
        let start = Instant::now();
        let mut child = Command::new(program)
            .args(["serve", "--bind", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .env("CHIRM_LIMITS__ENABLED", "false")
            .env("CHIRM_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready_after = start.elapsed();
        let address = line.trim().rsplit_once("http://").expect("the first line tells the address").1.trim_end_matches('/').to_owned();
        Self { child, address, ready_after }
    }

    pub async fn connect(&self) -> Socket {
        connect_async(format!("ws://{}/ws", self.address)).await.unwrap().0
    }

    /// The body of an answer to GET.
    pub fn get(&self, path: &str, token: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// Processor time that the server used, in seconds.
    pub fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        ticks as f64 / 100.0
    }
}

pub type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// Sends a request; gives its answer as text and how long it took. Events in between are passed over.
pub async fn call(socket: &mut Socket, mut request: Value) -> (String, Duration) {
    request["id"] = json!(7);
    let start = Instant::now();
    socket.send(Message::text(request.to_string())).await.unwrap();
    loop {
        if let Message::Text(text) = socket.next().await.unwrap().unwrap()
            && text.starts_with("{\"id\":7,")
        {
            let took = start.elapsed();
            assert!(text.starts_with("{\"id\":7,\"ok\""), "{text}");
            return (text.as_str().to_owned(), took);
        }
    }
}

pub fn ok(answer: &str) -> Value {
    serde_json::from_str::<Value>(answer).unwrap()["ok"].take()
}
