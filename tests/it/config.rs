//! The command line and the configuration.

use crate::support::{Backend, Cli, Server};
use serde_json::{Value, json};
use std::fs;

both!(
    accounts_on_the_command_line,
    the_first_account_owns_the_server_wherever_it_is_made,
    migrations_are_listed,
    a_healthcheck_asks_the_server
);

fn run(folder: &tempfile::TempDir, args: &[&str], settings: &[(&str, &str)]) -> Cli {
    Cli::run(folder.path(), args, settings.iter().copied(), "")
}

/// Whether every text is in what was printed.
#[track_caller]
fn says(cli: &Cli, texts: &[&str]) {
    for text in texts {
        assert!(cli.said().contains(text), "{text}: {cli:?}");
    }
}

#[test]
fn unknown_settings_name_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("chirm.toml"), "wokers = 2\n[limits]\nsend_per_sec = 1\n[auth]\nguest = true\n").unwrap();
    for command in
        [&["serve", "--bind", "127.0.0.1:0"][..], &["config", "check"], &["config", "show"], &["migrate", "status"], &["user", "list"]]
    {
        let cli = run(&folder, command, &[("CHIRM_DATABASE_URL", "postgres://x"), ("CHIRM_LIMIT__ENABLED", "false")]);
        assert_eq!((cli.code, cli.stdout.as_str()), (Some(78), ""), "{cli:?}");
        // All of it at once.
        says(&cli, &["wokers", "workers", "limits.send_per_sec", "limits.send_per_s?", "auth.guest ", "auth.guests?"]);
        says(&cli, &["CHIRM_DATABASE_URL", "CHIRM_DATABASE__URL?", "CHIRM_LIMIT__ENABLED", "CHIRM_LIMITS__ENABLED?"]);
    }
    assert!(!folder.path().join("data").exists(), "nothing was begun");
}

#[test]
fn bad_values_name_their_setting() {
    let folder = tempfile::tempdir().unwrap();
    for (variable, value, named) in [
        ("CHIRM_BIND", "here", "bind"),
        ("CHIRM_WORKERS", "many", "CHIRM_WORKERS"),
        ("CHIRM_AUTH__GUESTS", "maybe", "CHIRM_AUTH__GUESTS"),
        ("CHIRM_AUTH__REGISTRATION", "sometimes", "auth.registration"),
        ("CHIRM_DATABASE__URL", "mysql://x", "database.url"),
        ("CHIRM_DATABASE__SYNCHRONOUS", "off", "database.synchronous"),
        ("CHIRM_PUBLIC_URL", "chat.example.org", "public_url"),
        ("CHIRM_LIMITS__BODY_CHARS", "10001", "limits.body_chars"),
        ("CHIRM_LIMITS__FRAME_BYTES", "1", "limits.frame_bytes"),
        ("CHIRM_HEARTBEAT__PING_AFTER_S", "0", "heartbeat.ping_after_s"),
        ("CHIRM_TRUSTED_PROXIES", "everybody", "trusted_proxies"),
        ("CHIRM_DATABASE__URL_FILE", "/no/such/file", "CHIRM_DATABASE__URL_FILE"),
    ] {
        let cli = run(&folder, &["config", "check"], &[(variable, value)]);
        assert!(!cli.success, "{variable}={value}: {cli:?}");
        says(&cli, &[named]);
    }
    let cli = run(&folder, &["serve", "--config", "missing.toml"], &[]);
    assert!(!cli.success);
    says(&cli, &["missing.toml"]);
    for args in [&["nonsense"][..], &["serve", "--nonsense"], &["config"], &["user"]] {
        assert!(!run(&folder, args, &[]).success, "{args:?}");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let cli = run(&folder, &["serve", "--bind", &address], &[]);
    assert!(!cli.success);
    says(&cli, &[&address]);
}

#[test]
fn settings_are_shown_with_their_sources() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, "postgres://chirm:top-secret@localhost/chirm\n").unwrap();
    fs::write(folder.path().join("chirm.toml"), "workers = 3\nlog = \"warn\"\n").unwrap();
    let settings = [("CHIRM_WORKERS", "5"), ("CHIRM_METRICS__TOKEN", "top-secret"), ("CHIRM_DATABASE__URL_FILE", secret.to_str().unwrap())];
    let cli = run(&folder, &["config", "show", "--format", "json", "--bind", "127.0.0.1:9999"], &settings);
    assert!(cli.success, "{cli:?}");
    let rows: Value = serde_json::from_str(&cli.stdout).unwrap();
    let find = |key: &str| rows.as_array().unwrap().iter().find(|row| row["key"] == *key).unwrap_or_else(|| panic!("{key}: {rows}"));
    for (key, value, source) in [
        ("workers", json!(5), "environment"),
        ("log", json!("warn"), "file"),
        ("bind", json!("127.0.0.1:9999"), "flag"),
        ("auth.guests", json!(false), "default"),
    ] {
        assert_eq!((&find(key)["value"], &find(key)["source"]), (&value, &json!(source)), "{key}");
    }
    let table = run(&folder, &["config", "show"], &settings);
    assert!(table.success);
    for cli in [&cli, &table] {
        says(cli, &["database.url", "metrics.token"]);
        assert!(!cli.said().contains("top-secret"), "{cli:?}");
    }
    let cli = run(&folder, &["config", "check"], &[]);
    assert!(cli.success);
    says(&cli, &["chirm.toml"]);
}

#[test]
fn a_configuration_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(&folder, &["config", "init"], &[]).success);
    let path = folder.path().join("chirm.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("[database]") && text.contains("#guests = false"), "{text}");
    assert!(run(&folder, &["config", "check"], &[]).success);
    fs::write(&path, "workers = 1\n").unwrap();
    let again = run(&folder, &["config", "init"], &[]);
    assert!(!again.success && fs::read_to_string(&path).unwrap() == "workers = 1\n", "{again:?}");
    says(&again, &["--force"]);
    assert!(run(&folder, &["config", "init", "--force"], &[]).success);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert!(run(&folder, &["config", "init", "other.toml"], &[]).success);
    assert!(folder.path().join("other.toml").exists());
    let version = run(&folder, &["--version"], &[]);
    assert_eq!(version.stdout.trim(), format!("chirm {}", env!("CARGO_PKG_VERSION")));
}

async fn accounts_on_the_command_line(backend: Backend) {
    let server = Server::start(backend).await;
    let secret = "a quite good secret\n";
    let made = server.cli(&["user", "add", "Root", "--owner", "--display-name", "The owner", "--password-stdin"], secret);
    assert!(made.success, "{made:?}");
    assert!(!made.said().contains("good secret"));
    assert!(server.cli(&["user", "add", "bob", "--password-stdin"], secret).success);
    for (args, input) in [
        (&["user", "add", "root", "--password-stdin"][..], secret),
        (&["user", "add", "r00t", "--password-stdin"], secret),
        (&["user", "add", "no good name", "--password-stdin"], secret),
        (&["user", "add", "carol", "--password-stdin"], "short\n"),
        (&["user", "role", "nobody", "admin"], ""),
        (&["user", "role", "root", "member"], ""),
    ] {
        let cli = server.cli(args, input);
        assert!(!cli.success && !cli.stderr.is_empty(), "{args:?}: {cli:?}");
    }
    let login = |name: &str, password: &str| {
        let (http, form) = (server.http(), json!({ "username": name, "password": password }));
        async move { http.post("/auth/login", form).await }
    };
    let root = login("root", secret.trim()).await.ok(200);
    assert_eq!((&root["user"]["role"], &root["user"]["display_name"]), (&json!("owner"), &json!("The owner")));
    let bob = login("bob", secret.trim()).await.ok(200);
    assert_eq!(bob["user"]["role"], "member");
    let mut b = crate::support::User::signed_in(server.http(), &bob).connect().await;
    b.send("#lobby", "a member of the lobby").await;

    assert!(server.cli(&["user", "role", "bob", "admin"], "").success);
    let listed = server.cli(&["user", "list", "--format", "json"], "");
    assert!(listed.success, "{listed:?}");
    let rows: Value = serde_json::from_str(&listed.stdout).unwrap();
    let mut roles: Vec<(&str, &str)> =
        rows.as_array().unwrap().iter().map(|row| (row["username"].as_str().unwrap(), row["role"].as_str().unwrap())).collect();
    roles.sort_unstable();
    assert_eq!(roles, [("bob", "admin"), ("root", "owner")]);
    let table = server.cli(&["user", "list"], "");
    says(&table, &["root", "The owner", "bob"]);
    assert!(!table.said().contains("argon2"));

    assert!(server.cli(&["user", "password", "bob", "--password-stdin"], "something else altogether\n").success);
    login("bob", secret.trim()).await.refused(401, "unauthorized");
    login("bob", "something else altogether").await.ok(200);
    // Where the command line made the first account, nobody owns the server by coming first.
    let carol = server.user("carol").await;
    assert_eq!(carol.get("/me").await.ok(200)["user"]["role"], "member");
}

async fn the_first_account_owns_the_server_wherever_it_is_made(backend: Backend) {
    let server = Server::start(backend).await;
    let secret = "a quite good secret\n";
    // Guests may come before it; they never own anything.
    let guest = server.http().post("/auth/guest", json!({ "username": "passerby" })).await.ok(201);
    assert_eq!(guest["user"]["role"], "member");
    let nobody = server.cli(&["user", "role", "passerby", "admin"], "");
    assert!(!nobody.success, "{nobody:?}");
    says(&nobody, &["no owner yet"]);
    let first = server.cli(&["user", "add", "anna", "--password-stdin"], secret);
    assert!(first.success, "{first:?}");
    says(&first, &["anna", "owner", "The first account owns the server."]);
    let second = server.cli(&["user", "add", "bob", "--password-stdin"], secret);
    assert!(second.success && !second.said().contains("owner"), "{second:?}");
    let carol = server.user("carol").await;
    assert_eq!(carol.get("/me").await.ok(200)["user"]["role"], "member");
    let form = json!({ "username": "anna", "password": secret.trim() });
    let anna = crate::support::User::signed_in(server.http(), &server.http().post("/auth/login", form).await.ok(200));
    assert_eq!(anna.get("/me").await.ok(200)["user"]["role"], "owner");
    assert_eq!(anna.connect().await.room("#lobby")["role"], "owner", "and the lobby");
}

async fn migrations_are_listed(backend: Backend) {
    let mut server = Server::start(backend).await;
    let status = |server: &Server| {
        let cli = server.cli(&["migrate", "status", "--format", "json"], "");
        assert!(cli.success, "{cli:?}");
        let rows: Value = serde_json::from_str(&cli.stdout).unwrap();
        rows.as_array().unwrap().iter().map(|row| row["done"] == true).collect::<Vec<_>>()
    };
    let done = status(&server);
    assert!(!done.is_empty() && done.iter().all(|done| *done), "{done:?}");
    server.kill();
    assert!(server.cli(&["migrate", "revert"], "").success);
    assert_eq!(status(&server).last(), Some(&false));
    assert!(server.cli(&["migrate"], "").success);
    assert_eq!(status(&server), done);
    assert!(server.cli(&["migrate", "revert"], "").success);
    // The server brings it up to date itself.
    server.run();
    server.user("alice").await.connect().await.send("#lobby", "hi").await;
}

async fn a_healthcheck_asks_the_server(backend: Backend) {
    let mut server = Server::start(backend).await;
    let bind = format!("127.0.0.1:{}", server.port());
    let healthy = server.cli(&["healthcheck", "--bind", &bind], "");
    assert!(healthy.success, "{healthy:?}");
    server.kill();
    let gone = server.cli(&["healthcheck", "--bind", &bind], "");
    assert!(!gone.success && !gone.stderr.is_empty(), "{gone:?}");
}
