//! A large server to measure: `large fill FOLDER` writes ten million messages, `large measure FOLDER` asks a real server for some of them while
//! others write. `make bench-large` does both.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for the terminal"
)]

mod client;
mod fill;
mod measure;
mod numbers;

use std::{path::PathBuf, process::ExitCode};

const USAGE: &str = "large fill FOLDER [MESSAGES]    a data folder with so many messages, ten million by default
large measure FOLDER [CHIRM]    a server on that folder; CHIRM is the program, target/release/chirm by default";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fill", folder] => fill::run(&PathBuf::from(folder), 10_000_000),
        ["fill", folder, messages] => match messages.parse() {
            Ok(messages) => fill::run(&PathBuf::from(folder), messages),
            Err(_) => return usage(),
        },
        ["measure", folder] => return measure::run(&PathBuf::from(folder), "target/release/chirm"),
        ["measure", folder, program] => return measure::run(&PathBuf::from(folder), program),
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(64)
}
