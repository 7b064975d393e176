//! Judges recorded histories: `check_history FILE...` prints the report and exits with 1 on a violation, with 2 where the run proves nothing.
//!
//! `check_history --generate N FILE` writes a good history of at least N lines instead, to measure with.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr, reason = "a tool for the terminal")]

#[path = "../tests/history/mod.rs"]
mod history;

use history::{
    check::{self, Config},
    generate,
    load::History,
    record::Recorder,
    report::{self, Verdict},
};
use std::{io, path::PathBuf, process::ExitCode, time::Instant};

const USAGE: &str = "check_history [--void-below PER_CENT] [--without-faults] [--answer-ms N] [--removal-ms N] FILE...
check_history --generate LINES [--seed N] FILE";

#[derive(Default)]
struct Asked {
    config: Config,
    generate: Option<u64>,
    seed: u64,
    files: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let done = asked(std::env::args().skip(1)).and_then(|asked| match asked.generate {
        Some(lines) => write(&asked, lines).map_err(|error| error.to_string()),
        None => judge(&asked).map_err(|error| error.to_string()),
    });
    done.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::from(64)
    })
}

fn asked(mut arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
    fn value<T: std::str::FromStr>(name: &str, text: Option<String>) -> Result<T, String> {
        text.and_then(|text| text.parse().ok()).ok_or_else(|| format!("{name} needs a number\n{USAGE}"))
    }
    let mut asked = Asked::default();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--void-below" => asked.config.void_below = value(&argument, arguments.next())?,
            "--without-faults" => asked.config.faults_wanted = false,
            "--answer-ms" => asked.config.answer = value::<u64>(&argument, arguments.next())? * 1_000_000,
            "--removal-ms" => asked.config.removal = value::<u64>(&argument, arguments.next())? * 1_000_000,
            "--generate" => asked.generate = Some(value(&argument, arguments.next())?),
            "--seed" => asked.seed = value(&argument, arguments.next())?,
            option if option.starts_with("--") => return Err(format!("{option} is unknown\n{USAGE}")),
            file => asked.files.push(file.into()),
        }
    }
    if asked.files.is_empty() { Err(USAGE.to_owned()) } else { Ok(asked) }
}

fn judge(asked: &Asked) -> io::Result<ExitCode> {
    let start = Instant::now();
    let history = History::from_files(&asked.files)?;
    let loaded = start.elapsed();
    let outcome = check::run(&history, &asked.config);
    let replay: Vec<String> = std::env::args().collect();
    print!("{}", report::text(&history, &outcome, &replay.join(" ")));
    println!("read in {:.1} s, judged in {:.1} s", loaded.as_secs_f64(), (start.elapsed() - loaded).as_secs_f64());
    Ok(ExitCode::from(Verdict::of(&outcome).exit_code()))
}

fn write(asked: &Asked, lines: u64) -> io::Result<ExitCode> {
    let recorder = Recorder::create(&asked.files[0])?;
    let mut outcome = Ok(());
    generate::many(asked.seed, lines, |line| {
        if outcome.is_ok() {
            outcome = recorder.write(line);
        }
    });
    outcome.and_then(|()| recorder.flush())?;
    Ok(ExitCode::SUCCESS)
}
