//! `chirm config`

use super::{Failure, Format, Output, failed, json, load, table::table};
use crate::config::{Flags, show, template};
use clap::Subcommand;
use serde_json::{Value, json as object};
use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

/// What to do with the configuration.
#[derive(Subcommand, Debug)]
pub(super) enum Act {
    /// Every setting as it is now and where it came from; secrets are hidden
    Show {
        /// How to print it
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Say what is wrong with it, if anything is
    Check,
    /// Write a file with every setting, its default and what it does
    Init {
        /// Where to
        #[arg(default_value = "chirm.toml")]
        file: PathBuf,
        /// Overwrite it
        #[arg(long)]
        force: bool,
    },
}

/// Runs the command.
pub(super) fn run(flags: &Flags, act: Act) -> Output {
    match act {
        Act::Show { format } => shown(flags, format),
        Act::Check => {
            let file = load(flags)?.file;
            let place = file.map_or_else(|| "no file".to_owned(), |file| file.display().to_string());
            Ok(format!("The configuration is fine ({place}).\n"))
        }
        Act::Init { file, force } => init(&file, force),
    }
}

fn shown(flags: &Flags, format: Format) -> Output {
    let loaded = load(flags)?;
    let rows = show(&loaded.config, &loaded.sources);
    if format == Format::Json {
        let row = |row: &crate::config::Shown| object!({ "key": row.key, "value": row.value, "source": row.source.to_string() });
        return json(&Value::Array(rows.iter().map(row).collect()));
    }
    let row = |row: crate::config::Shown| {
        vec![row.key.to_owned(), row.value.map_or_else(|| "-".to_owned(), |value| value.to_string()), row.source.to_string()]
    };
    Ok(table(&["KEY", "VALUE", "FROM"], &rows.into_iter().map(row).collect::<Vec<_>>()))
}

fn init(path: &Path, force: bool) -> Output {
    let failure = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::Other(format!("{} is there already; --force overwrites it", path.display())),
        _ => failed(format!("{}: {error}", path.display())),
    };
    let mut options = OpenOptions::new();
    let options = if force { options.write(true).create(true).truncate(true) } else { options.write(true).create_new(true) };
    let written = options.open(path).and_then(|mut file| file.write_all(template().as_bytes()));
    written.map_err(failure)?;
    Ok(format!("Wrote {}.\n", path.display()))
}
