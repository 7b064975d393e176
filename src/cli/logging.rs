//! Where log lines go: standard error, for people or one JSON object a line.

use crate::config::{Config, LogFormat, Source};
use env_logger::{Builder, fmt::Formatter};
use log::{Record, kv};
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// Starts logging. `RUST_LOG` counts where the filter isn't set otherwise.
pub(super) fn start(config: &Config, sources: &BTreeMap<&'static str, Source>) -> Result<(), log::SetLoggerError> {
    let unset = sources.get("log") == Some(&Source::Default);
    let filter = std::env::var("RUST_LOG").ok().filter(|_| unset).unwrap_or_else(|| config.log.clone());
    let mut builder = Builder::new();
    builder.parse_filters(&filter);
    if config.log_format == LogFormat::Json {
        builder.format(line);
    }
    builder.try_init()
}

fn line(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let at = out.timestamp_millis().to_string();
    let text = serde_json::to_string(&Value::Object(fields(&at, record)))?;
    writeln!(out, "{text}")
}

fn fields(at: &str, record: &Record<'_>) -> Map<String, Value> {
    let mut pairs = Pairs(Map::new());
    // Visiting a record's own pairs fails only where one refuses to be read: the rest of the line is worth more.
    drop(record.key_values().visit(&mut pairs));
    let Pairs(mut fields) = pairs;
    let known = [
        ("at", at.to_owned()),
        ("level", record.level().as_str().to_ascii_lowercase()),
        ("target", record.target().to_owned()),
        ("message", record.args().to_string()),
    ];
    fields.extend(known.map(|(name, text)| (name.to_owned(), Value::String(text))));
    fields
}

struct Pairs(Map<String, Value>);

impl<'kvs> kv::VisitSource<'kvs> for Pairs {
    fn visit_pair(&mut self, key: kv::Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        let value = value.to_i64().map_or_else(|| Value::String(value.to_string()), Value::from);
        self.0.insert(key.as_str().to_owned(), value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_lines() {
        let pairs = [("request", "r1"), ("room", "x\ny")];
        let source: &dyn kv::Source = &pairs;
        let args = format_args!("said {:?}", "a\nb");
        let record = Record::builder().args(args).level(log::Level::Warn).target("chirm").key_values(source).build();
        let expected = json!({"at": "T", "level": "warn", "target": "chirm", "message": "said \"a\\nb\"", "request": "r1", "room": "x\ny"});
        assert_eq!(Value::Object(fields("T", &record)), expected);
    }
}
