//! The command line.
//!
//! A command gives the text to print or a `Failure`; `main` alone writes, and a reader that closes the pipe early is no error.

mod health;
mod logging;
mod migrate;
mod settings;
mod table;
mod users;

use crate::{
    config::{self, Flags, Loaded, Problems},
    db::{self, Connector, Db, Url},
    server,
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{
    fmt::Display,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

/// Exit code for a configuration that cannot be used (`EX_CONFIG` of sysexits).
const BAD_CONFIG: u8 = 78;

/// Chat for a team, or inside a product, in one binary.
#[derive(Parser, Debug)]
#[command(name = "chirm", version, about, long_about = None, args_conflicts_with_subcommands = false)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Settings that have a flag; they win over environment and file.
#[derive(Args, Debug)]
struct Settings {
    /// Where to listen, such as 127.0.0.1:8080
    #[arg(long, global = true, value_name = "ADDRESS")]
    bind: Option<String>,
    /// Where the embedded database lives
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// The configuration file; else ./chirm.toml, else /etc/chirm/chirm.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the server (also without any command)
    Serve,
    /// Bring the database's schema up to date, look at it, or go a step back
    Migrate {
        #[command(subcommand)]
        step: Option<migrate::Step>,
    },
    /// Show, check or begin a configuration
    Config {
        #[command(subcommand)]
        act: settings::Act,
    },
    /// Accounts, straight in the database
    User {
        #[command(subcommand)]
        act: users::Act,
    },
    /// Ask a running server whether it is ready
    Healthcheck,
    /// Print the REST API's OpenAPI document
    Openapi,
}

/// How a list is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// For programs
    Json,
}

/// Why a command failed.
#[derive(Debug)]
enum Failure {
    /// The configuration cannot be used.
    Config(Problems),
    /// Anything else.
    Other(String),
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Config(problems)
    }
}

impl From<db::Fault> for Failure {
    fn from(fault: db::Fault) -> Self {
        match fault {
            db::Fault::Refused(refusal) => refusal.into(),
            fault @ (db::Fault::Failed(_) | db::Fault::Unknown(_)) => failed(fault),
        }
    }
}

impl From<crate::domain::Refusal> for Failure {
    fn from(refusal: crate::domain::Refusal) -> Self {
        Self::Other(refusal.message.into_owned())
    }
}

/// A failure with another error's words.
fn failed(error: impl Display) -> Failure {
    Failure::Other(error.to_string())
}

/// What a command gives: what to print.
type Output = Result<String, Failure>;

/// Runs the program.
pub fn main() -> ExitCode {
    let output = run(Cli::parse());
    let (text, code) = match output {
        Ok(text) => return written(print(&mut io::stdout().lock(), &text), 0),
        Err(Failure::Config(problems)) => (problems.to_string(), BAD_CONFIG),
        Err(Failure::Other(text)) => (text, 1),
    };
    written(print(&mut io::stderr().lock(), &format!("chirm: {text}\n")), code)
}

fn print(out: &mut impl Write, text: &str) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// A closed pipe means that the reader has seen enough; anything else that could not be written is a failure.
fn written(result: io::Result<()>, code: u8) -> ExitCode {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(code.max(1)),
        _ => ExitCode::from(code),
    }
}

fn run(cli: Cli) -> Output {
    let Settings { bind, data_dir, config } = cli.settings;
    let flags = Flags { bind, data_dir, config };
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(&flags),
        Command::Migrate { step } => migrate::run(&load(&flags)?, step.unwrap_or_default()),
        Command::Config { act } => settings::run(&flags, act),
        Command::User { act } => users::run(&load(&flags)?, act),
        Command::Healthcheck => health::check(&load(&flags)?),
        Command::Openapi => crate::http::document().to_pretty_json().map(|text| text + "\n").map_err(failed),
    }
}

fn serve(flags: &Flags) -> Output {
    let Loaded { config, file, sources } = load(flags)?;
    logging::start(&config, &sources).map_err(failed)?;
    if let Some(file) = file {
        log::info!("settings from {}", file.display());
    }
    actix_rt::System::new().block_on(server::serve(config)).map_err(failed)?;
    Ok(String::new())
}

/// Flags, environment and file together. A variable that is not UTF-8 is none of ours: ours would be named as unknown.
fn load(flags: &Flags) -> Result<Loaded, Problems> {
    let readable = |(name, text): (std::ffi::OsString, std::ffi::OsString)| Some((name.into_string().ok()?, text.into_string().ok()?));
    config::load(flags, std::env::vars_os().filter_map(readable))
}

/// A connection that may change things, for commands that work on the database itself.
fn open(loaded: &Loaded) -> Result<Db, Failure> {
    let config = &loaded.config;
    let url = Url::parse(&config.database_url()).map_err(failed)?;
    if config.database.url.is_none() {
        make_private_dir(&config.data_dir).map_err(|error| failed(format!("{}: {error}", config.data_dir.display())))?;
    }
    Connector::writer(&url, config.database.synchronous.into()).connect().map_err(failed)
}

/// The data directory is its owner's alone.
fn make_private_dir(path: &std::path::Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

impl From<config::Synchronous> for db::Synchronous {
    fn from(setting: config::Synchronous) -> Self {
        match setting {
            config::Synchronous::Full => Self::Full,
            config::Synchronous::Normal => Self::Normal,
        }
    }
}

/// A value as indented JSON.
fn json(value: &impl serde::Serialize) -> Output {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn arguments() {
        Cli::command().debug_assert();
        let parsed = |line: &str| Cli::try_parse_from(line.split(' '));
        assert!(parsed("chirm").unwrap().command.is_none());
        assert_eq!(parsed("chirm --bind 127.0.0.1:1").unwrap().settings.bind.as_deref(), Some("127.0.0.1:1"));
        assert_eq!(parsed("chirm serve --data-dir /x").unwrap().settings.data_dir, Some(PathBuf::from("/x")));
        assert!(parsed("chirm migrate").is_ok() && parsed("chirm migrate status --format json").is_ok());
        assert!(parsed("chirm user add bob --owner --password-stdin").is_ok());
        assert_eq!(parsed("chirm nonsense").unwrap_err().exit_code(), 2);
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let code = written(print(&mut Closed, "text"), 0);
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::SUCCESS));
    }
}
