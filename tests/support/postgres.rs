//! A PostgreSQL server for tests: one per test process, started by the first test that wants it, gone with the process.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::zombie_processes,
    reason = "a test that cannot have its server fails, and says why; each test program uses a part of this"
)]

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// Whether tests on PostgreSQL are to run: `CHIRM_TEST_POSTGRES=off` skips them, and says so.
pub fn is_wanted() -> bool {
    let off = std::env::var("CHIRM_TEST_POSTGRES").is_ok_and(|value| value == "off");
    if off {
        eprintln!("skipped: CHIRM_TEST_POSTGRES=off");
    }
    !off
}

/// The address of an empty database that nobody else uses.
pub fn url_of_fresh_database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    let cluster = CLUSTER.get_or_init(Cluster::start);
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let port = cluster.port.to_string();
    run(Command::new(cluster.bin.join("createdb")).args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", &name]));
    format!("postgres://postgres@127.0.0.1:{port}/{name}")
}

struct Cluster {
    bin: PathBuf,
    port: u16,
    /// Stops the server and removes its folder when its input ends, which happens however this process ends.
    _watchdog: Child,
}

impl Cluster {
    fn start() -> Self {
        let bin = programs();
        let folder = std::env::temp_dir().join(format!("chirm-postgres-{}", std::process::id()));
        fs::create_dir(&folder).expect("a folder for PostgreSQL");
        let watchdog = watchdog(&bin, &folder);
        if is_root() {
            // The server refuses to run as root.
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let data = folder.join("data");
        run(unprivileged(&bin.join("initdb")).arg("-D").arg(&data).args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]));
        // A port that was free may be taken a moment later.
        for _ in 0..5 {
            let port = free_port();
            let options = format!(
                "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off -c max_connections=200"
            );
            let mut start = unprivileged(&bin.join("pg_ctl"));
            start.args(["-w", "-t", "60", "-o", &options, "-l"]).arg(folder.join("log")).arg("-D").arg(&data).arg("start");
            // Not `run`: the server would keep its pipes open.
            let started = start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
            if started.is_ok_and(|status| status.success()) {
                return Self { bin, port, _watchdog: watchdog };
            }
        }
        panic!("PostgreSQL did not start: {}", fs::read_to_string(folder.join("log")).unwrap_or_default());
    }
}

fn watchdog(bin: &Path, folder: &Path) -> Child {
    use std::os::unix::process::CommandExt;
    const SCRIPT: &str = r#"cat > /dev/null; "$@" > /dev/null 2>&1; rm -rf -- "$FOLDER""#;
    let stop = unprivileged(&bin.join("pg_ctl"));
    Command::new("sh")
        .args(["-c", SCRIPT, "sh"])
        .arg(stop.get_program())
        .args(stop.get_args())
        .args(["-m", "immediate", "-w", "-D"])
        .arg(folder.join("data"))
        .arg("stop")
        .env("FOLDER", folder)
        .current_dir("/")
        // Ctrl-C is for the tests; the watchdog has work to do after it.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh")
}

fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = ["/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt"]
        .iter()
        .filter_map(|root| fs::read_dir(root).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .chain(std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect::<Vec<_>>())
        .filter(|bin| ["initdb", "pg_ctl", "createdb"].iter().all(|program| bin.join(program).exists()))
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| {
        panic!("PostgreSQL is not installed: `apt-get install postgresql`, or set CHIRM_TEST_POSTGRES=off to skip these tests")
    })
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id");
    id.stdout.starts_with(b"0\n")
}

/// A command of the server's own user, where this is root.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program).current_dir("/");
    command
}

fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("a port").port()
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => panic!("{command:?}: {error}"),
    }
}
