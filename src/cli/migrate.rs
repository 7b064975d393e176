//! `chirm migrate`

use super::{Format, Output, json, open, table::table};
use crate::{config::Loaded, db, domain::Millis};
use clap::Subcommand;
use serde::Serialize;

/// What to do with the schema.
#[derive(Subcommand, Clone, Copy, Default, Debug)]
pub(super) enum Step {
    /// Run what has not been run (the server does so itself when it starts)
    #[default]
    Run,
    /// List what there is and whether it was run
    Status {
        /// How to print it
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Undo the last one; what it had added is lost
    Revert,
}

#[derive(Serialize)]
struct Row {
    migration: String,
    done: bool,
}

/// Runs the command.
pub(super) fn run(loaded: &Loaded, step: Step) -> Output {
    let mut db = open(loaded)?;
    match step {
        Step::Run => Ok(ran(&db::migrate::run(&mut db, Millis::now())?)),
        Step::Revert => Ok(format!("Undone: {}\n", db::migrate::revert_last(&mut db)?)),
        Step::Status { format } => {
            let rows = db::migrate::status(&mut db)?.into_iter().map(|(migration, done)| Row { migration, done });
            status(&rows.collect::<Vec<_>>(), format)
        }
    }
}

fn ran(names: &[String]) -> String {
    match names {
        [] => "Nothing to do.\n".to_owned(),
        names => names.iter().map(|name| format!("Done: {name}\n")).collect(),
    }
}

fn status(rows: &[Row], format: Format) -> Output {
    if format == Format::Json {
        return json(&rows);
    }
    let row = |row: &Row| vec![row.migration.clone(), if row.done { "yes" } else { "no" }.to_owned()];
    Ok(table(&["MIGRATION", "DONE"], &rows.iter().map(row).collect::<Vec<_>>()))
}
