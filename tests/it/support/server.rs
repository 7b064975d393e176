//! The server's process, and accounts on it.

use super::{Answer, Backend, Http, PATIENCE, Window};
use serde_json::{Value, json};
use std::{
    cell::Cell,
    collections::BTreeMap,
    fs,
    future::Future,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    rc::Rc,
    sync::mpsc,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_chirm");
/// The password of every user that tests make.
pub const PASSWORD: &str = "correct horse battery";

/// A command that knows nothing of this process's own settings.
fn program() -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CHIRM_")) {
        command.env_remove(name);
    }
    command
}

/// A running server; killed when this is dropped.
pub struct Server {
    process: Option<Child>,
    port: Rc<Cell<u16>>,
    settings: BTreeMap<String, String>,
    folder: TempDir,
    /// Standard output.
    lines: Option<mpsc::Receiver<String>>,
}

impl Server {
    /// With everything as by default, but without rates and with cheap passwords.
    pub async fn start(backend: Backend) -> Self {
        Self::with(backend, &[]).await
    }

    /// With these variables of the environment besides.
    pub async fn with(backend: Backend, settings: &[(&str, &str)]) -> Self {
        let mut server = Self::prepared(backend, settings);
        server.run();
        server
    }

    /// The same, not started yet.
    pub fn prepared(backend: Backend, settings: &[(&str, &str)]) -> Self {
        let mut all = BTreeMap::from([
            ("CHIRM_AUTH__GUESTS".to_owned(), "true".to_owned()),
            ("CHIRM_LIMITS__ENABLED".to_owned(), "false".to_owned()),
            // What goes from one worker to another is tried on any machine.
            ("CHIRM_WORKERS".to_owned(), "2".to_owned()),
            ("CHIRM_AUTH__HASH__MEMORY_KIB".to_owned(), "8".to_owned()),
            ("CHIRM_AUTH__HASH__PASSES".to_owned(), "1".to_owned()),
        ]);
        if backend == Backend::Postgres {
            all.insert("CHIRM_DATABASE__URL".to_owned(), crate::postgres::url_of_fresh_database());
        }
        all.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { process: None, port: Rc::default(), settings: all, folder: tempfile::tempdir().unwrap(), lines: None }
    }

    /// Starts it (again), in the same folder and on the same database, with another port.
    pub fn run(&mut self) {
        self.spawn();
        let line = self.next_line();
        self.is_at(&line);
    }

    /// Whether it said that it is ready, after [`Server::spawn`].
    #[allow(dead_code, reason = "for tests/soak")]
    pub fn is_ready(&mut self) -> bool {
        let line = self.lines.as_ref().unwrap().try_recv();
        line.map(|line| self.is_at(&line)).is_ok()
    }

    /// Its first line tells where it is.
    fn is_at(&self, line: &str) {
        let ready = line.strip_prefix("Chirm ").and_then(|rest| rest.split_once(" is ready at http"));
        let (_, address) = ready.unwrap_or_else(|| panic!("the first line is {line:?}"));
        let told = address.rsplit_once(':').and_then(|(_, port)| port.trim_end_matches('/').parse().ok());
        self.port.set(told.unwrap_or_else(|| self.logged_port()));
    }

    /// Starts it, without waiting until it is ready.
    pub fn spawn(&mut self) {
        assert!(self.process.is_none(), "it runs already");
        let log = fs::File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut command = program();
        command.args(["serve", "--bind", "127.0.0.1:0", "--data-dir"]).arg(self.data_dir());
        command.envs(&self.settings).current_dir(self.folder.path());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let (told, lines) = mpsc::channel();
        let stdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if told.send(line).is_err() {
                    break;
                }
            }
        });
        self.process = Some(child);
        self.lines = Some(lines);
    }

    /// Where a public address is set, the first line tells that one; the log tells where it listens.
    fn logged_port(&self) -> u16 {
        let until = Instant::now() + PATIENCE;
        loop {
            let log = self.log();
            let last = log.lines().rev().find_map(|line| line.split_once("listening on 127.0.0.1:"));
            if let Some((_, port)) = last {
                return port.trim().parse().unwrap();
            }
            assert!(Instant::now() < until, "where does it listen? {log}");
            std::thread::yield_now();
        }
    }

    /// The next line of standard output.
    pub fn next_line(&self) -> String {
        match self.lines.as_ref().unwrap().recv_timeout(3 * PATIENCE) {
            Ok(line) => line,
            Err(error) => panic!("the server printed nothing more ({error}); its log:\n{}", self.log()),
        }
    }

    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What this variable of its environment is, where it is set.
    #[allow(dead_code, reason = "for tests/soak")]
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str)
    }

    /// From the next start on.
    #[allow(dead_code, reason = "for tests/soak")]
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => drop(self.settings.insert(name.to_owned(), value.to_owned())),
            None => drop(self.settings.remove(name)),
        }
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// What it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    pub fn port(&self) -> u16 {
        self.port.get()
    }

    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("it does not run").id()
    }

    /// SIGKILL: no time for anything.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("it does not run");
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Another signal.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.pid().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// How it ended, if it did.
    #[allow(dead_code, reason = "for tests/soak")]
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        let status = self.process.as_mut().expect("it does not run").try_wait().unwrap();
        if status.is_some() {
            self.process = None;
        }
        status
    }

    /// How it ended, which must be soon.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        let mut process = self.process.take().expect("it does not run");
        let pid = process.id().to_string();
        let waiting = tokio::task::spawn_blocking(move || process.wait());
        match tokio::time::timeout(within, waiting).await {
            Ok(status) => status.unwrap().unwrap(),
            Err(_) => {
                let _ = Command::new("kill").args(["-KILL", &pid]).status();
                panic!("it still runs after {within:?}; its log:\n{}", self.log())
            }
        }
    }

    /// Resident memory in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse().unwrap()
    }

    /// HTTP without a sign-in.
    pub fn http(&self) -> Http {
        Http::new(self.port.clone())
    }

    /// A new account, signed in. The first one owns the server.
    pub async fn user(&self, name: &str) -> User {
        let answer = self.http().post("/auth/register", json!({ "username": name, "password": PASSWORD })).await;
        User::signed_in(self.http(), &answer.ok(201))
    }

    /// Several.
    pub async fn users<const N: usize>(&self, names: [&str; N]) -> [User; N] {
        let mut users = Vec::with_capacity(N);
        for name in names {
            users.push(self.user(name).await);
        }
        users.try_into().ok().unwrap()
    }

    /// Another sign-in of the same account.
    pub async fn login(&self, name: &str) -> User {
        let answer = self.http().post("/auth/login", json!({ "username": name, "password": PASSWORD })).await;
        User::signed_in(self.http(), &answer.ok(200))
    }

    /// Runs a subcommand on the same data and settings.
    pub fn cli(&self, args: &[&str], input: &str) -> Cli {
        let mut args = args.to_vec();
        let data = self.data_dir().display().to_string();
        args.extend(["--data-dir", &data]);
        Cli::run(self.folder.path(), &args, self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())), input)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
        if std::thread::panicking() {
            let log = self.log();
            let from = log.char_indices().rev().nth(4000).map_or(0, |(at, _)| at);
            eprintln!("--- the server's log ---\n{}", &log[from..]);
        }
    }
}

/// What a subcommand answered.
#[derive(Debug)]
pub struct Cli {
    pub success: bool,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Cli {
    pub fn run<'a>(folder: &Path, args: &[&str], settings: impl IntoIterator<Item = (&'a str, &'a str)>, input: &str) -> Self {
        use std::io::Write;
        let mut command = program();
        command.args(args).envs(settings).current_dir(folder);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It need not read what it is given.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let mut stderr = child.stderr.take().unwrap();
        let errors = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text);
            text
        });
        let mut stdout = String::new();
        child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        let status = child.wait().unwrap();
        Self { success: status.success(), code: status.code(), stdout, stderr: errors.join().unwrap() }
    }

    /// Everything that it printed.
    pub fn said(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// A signed-in account.
#[derive(Clone)]
pub struct User {
    pub id: String,
    pub name: String,
    pub token: String,
    pub http: Http,
}

impl User {
    pub fn signed_in(http: Http, answer: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        let token = text(&answer["token"]);
        let (id, name) = (text(&answer["user"]["id"]), text(&answer["user"]["username"]));
        Self { id, name, http: http.bearer(&token), token }
    }

    /// A new window, live in all rooms.
    pub async fn connect(&self) -> Window {
        self.connect_with(json!({})).await
    }

    /// A new window whose `hello` has these fields too.
    pub async fn connect_with(&self, fields: Value) -> Window {
        let mut window = Window::open(&self.http, &[]).await;
        window.hello(&self.token, fields).await;
        window
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.http.get(path).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.http.post(path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.http.put(path, body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.http.patch(path, body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.http.delete(path).await
    }

    /// A new group of this user's; gives its id.
    pub async fn group(&self, title: &str, members: &[&User]) -> String {
        self.room(json!({ "kind": "group", "name": title, "members": names(members) })).await
    }

    /// A new channel of this user's; gives its id.
    pub async fn channel(&self, name: &str, members: &[&User]) -> String {
        self.room(json!({ "kind": "channel", "name": name, "members": names(members) })).await
    }

    async fn room(&self, form: Value) -> String {
        let answer = self.post("/rooms", form).await.ok(201);
        answer["room"]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// All messages of a room, oldest first, read page by page.
    pub async fn history(&self, room: &str) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let page = self.get(&format!("/rooms/{}/messages?after={after}&limit=200", super::encode(room))).await.ok(200);
            all.extend(page["messages"].as_array().unwrap().iter().cloned());
            after = all.last().map_or(0, |message: &Value| message["seq"].as_i64().unwrap());
            if page["has_after"] == false {
                return all;
            }
        }
    }
}

fn names(members: &[&User]) -> Vec<String> {
    members.iter().map(|member| member.name.clone()).collect()
}

/// Asks again and again until something is so.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    let asking = async {
        loop {
            pace.tick().await;
            if let Some(found) = ask().await {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("never happened: {what}"))
}
