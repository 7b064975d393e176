//! Putting the layers together.

use super::{Config, KEYS, Key, Kind};
use std::{collections::BTreeMap, fmt, fs, path::Path, path::PathBuf};
use toml::{Table, Value};

/// Files that are looked for where none is named, in this order.
const FILES: [&str; 2] = ["chirm.toml", "/etc/chirm/chirm.toml"];
/// Names a file, as `--config` does.
const FILE_VARIABLE: &str = "CHIRM_CONFIG";
/// The test suite's own variables, which a server that it starts inherits.
const TEST_PREFIX: &str = "CHIRM_TEST_";

/// What the command line says.
#[derive(Clone, Default, Debug)]
pub struct Flags {
    /// `--bind`
    pub bind: Option<String>,
    /// `--data-dir`
    pub data_dir: Option<PathBuf>,
    /// `--config`
    pub config: Option<PathBuf>,
}

/// Where a value came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// Built in.
    Default,
    /// The file.
    File,
    /// The environment.
    Environment,
    /// The command line.
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Flag => "flag",
        })
    }
}

/// Everything that is wrong, a line each; all of it, so that one look is enough.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Problems {}

/// A configuration and where it came from.
#[derive(Clone, PartialEq, Debug)]
pub struct Loaded {
    /// The values.
    pub config: Config,
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// Where each value that is set came from.
    pub sources: BTreeMap<&'static str, Source>,
}

/// Values by key, the later layer over the earlier.
#[derive(Default)]
struct Layers {
    values: BTreeMap<&'static str, (Value, Source)>,
    problems: Vec<String>,
}

/// Reads flags, environment and file.
pub fn load(flags: &Flags, environment: impl IntoIterator<Item = (String, String)>) -> Result<Loaded, Problems> {
    let environment: BTreeMap<String, String> = environment.into_iter().filter(|(name, _)| name.starts_with("CHIRM_")).collect();
    let mut layers = Layers::default();
    layers.table("", &defaults(), Source::Default);
    let file = find_file(flags, &environment);
    if let Some(path) = &file {
        layers.file(path);
    }
    layers.environment(&environment);
    layers.flags(flags);
    layers.finish(file)
}

/// The defaults as a table; what has no default is absent.
pub(super) fn defaults() -> Table {
    Table::try_from(Config::default()).unwrap_or_default()
}

fn find_file(flags: &Flags, environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    let named = || environment.get(FILE_VARIABLE).map(PathBuf::from);
    let found = || FILES.iter().map(PathBuf::from).find(|path| path.exists());
    flags.config.clone().or_else(named).or_else(found)
}

fn find_key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The known name that is nearest to what was written, if any is near.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> String {
    known
        .map(|candidate| (strsim::jaro_winkler(name, &candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| format!(" Did you mean {candidate}?"))
        .unwrap_or_default()
}

impl Layers {
    fn set(&mut self, key: &'static Key, value: Value, source: Source) {
        self.values.insert(key.name, (value, source));
    }

    fn file(&mut self, path: &Path) {
        let read = fs::read_to_string(path).map_err(|error| error.to_string());
        match read.and_then(|text| text.parse::<Table>().map_err(|error| error.to_string())) {
            Ok(table) => self.table("", &table, Source::File),
            Err(error) => self.problems.push(format!("{}: {error}", path.display())),
        }
    }

    fn table(&mut self, prefix: &str, table: &Table, source: Source) {
        for (name, value) in table {
            let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            match (value, find_key(&name)) {
                (_, Some(key)) => self.set(key, value.clone(), source),
                (Value::Table(inner), None) if is_section(&name) => self.table(&name, inner, source),
                _ => self.unknown(&name),
            }
        }
    }

    fn unknown(&mut self, name: &str) {
        let hint = nearest(name, KEYS.iter().map(|key| key.name.to_owned()));
        self.problems.push(format!("Unknown key {name} in the configuration file.{hint}"));
    }

    fn environment(&mut self, environment: &BTreeMap<String, String>) {
        for (variable, text) in environment {
            if variable == FILE_VARIABLE || variable.starts_with(TEST_PREFIX) {
                continue;
            }
            if let Err(problem) = self.variable(variable, text, environment) {
                self.problems.push(problem);
            }
        }
    }

    fn variable(&mut self, variable: &str, text: &str, all: &BTreeMap<String, String>) -> Result<(), String> {
        if let Some(key) = KEYS.iter().find(|key| key.variable() == *variable) {
            let value = typed(key, text).map_err(|why| format!("{variable}: {why}"))?;
            self.set(key, value, Source::Environment);
            return Ok(());
        }
        let secret = |key: &&Key| key.secret && format!("{}_FILE", key.variable()) == *variable;
        let Some(key) = KEYS.iter().find(secret) else {
            let hint = nearest(variable, KEYS.iter().map(Key::variable));
            return Err(format!("Unknown environment variable {variable}.{hint}"));
        };
        if all.contains_key(&key.variable()) {
            return Err(format!("Both {} and {variable} are set; one is enough.", key.variable()));
        }
        let text = fs::read_to_string(text).map_err(|error| format!("{variable}: {text}: {error}"))?;
        self.set(key, Value::String(text.trim().to_owned()), Source::Environment);
        Ok(())
    }

    fn flags(&mut self, flags: &Flags) {
        let data_dir = flags.data_dir.as_ref().map(|path| path.display().to_string());
        for (name, text) in [("bind", flags.bind.clone()), ("data_dir", data_dir)] {
            if let (Some(key), Some(text)) = (find_key(name), text) {
                self.set(key, Value::String(text), Source::Flag);
            }
        }
    }

    fn finish(mut self, file: Option<PathBuf>) -> Result<Loaded, Problems> {
        let config = self.config();
        if let Some(config) = &config {
            let told = |(key, why): (&'static str, String)| format!("{key} {why}.");
            self.problems.extend(config.faults().into_iter().map(told));
        }
        match config {
            Some(config) if self.problems.is_empty() => {
                let sources = self.values.iter().map(|(name, (_, source))| (*name, *source)).collect();
                Ok(Loaded { config, file, sources })
            }
            _ => Err(Problems(self.problems)),
        }
    }

    /// Each value is tried on its own over the defaults, so that an error can name its key.
    fn config(&mut self) -> Option<Config> {
        let mut table = defaults();
        let mut fine = true;
        for (name, (value, source)) in &self.values {
            let mut alone = defaults();
            put(&mut alone, name, value.clone());
            if let Err(error) = alone.try_into::<Config>() {
                fine = false;
                self.problems.push(format!("{} ({source}): {}.", name, error.message().trim_end()));
            }
            put(&mut table, name, value.clone());
        }
        fine.then(|| table.try_into().ok()).flatten()
    }
}

fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

/// An environment variable's text as the setting's type.
fn typed(key: &Key, text: &str) -> Result<Value, String> {
    match key.kind {
        Kind::Text => Ok(Value::String(text.to_owned())),
        Kind::Number => text.parse().map(Value::Integer).map_err(|_| format!("{text:?} is no whole number.")),
        Kind::Switch => match text {
            "true" | "1" | "yes" | "on" => Ok(Value::Boolean(true)),
            "false" | "0" | "no" | "off" => Ok(Value::Boolean(false)),
            _ => Err(format!("{text:?} is neither true nor false.")),
        },
        Kind::List => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Ok(Value::Array(parts.map(|part| Value::String(part.to_owned())).collect()))
        }
    }
}

fn put(table: &mut Table, name: &str, value: Value) {
    match name.split_once('.') {
        None => {
            table.insert(name.to_owned(), value);
        }
        Some((section, rest)) => {
            let inner = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Registration, Synchronous};

    fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    fn with_file(text: &str) -> (tempfile::NamedTempFile, Flags) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        let flags = Flags { config: Some(file.path().to_owned()), ..Flags::default() };
        (file, flags)
    }

    fn problems(file: &str, pairs: &[(&str, &str)]) -> String {
        let (_file, flags) = with_file(file);
        load(&flags, env(pairs)).unwrap_err().to_string()
    }

    #[test]
    fn flag_over_environment_over_file_over_default() {
        let (_file, mut flags) = with_file("bind = '1.1.1.1:1'\ndata_dir = '/file'\nworkers = 3\n[database]\nreaders = 7\n");
        flags.bind = Some("3.3.3.3:3".to_owned());
        let loaded = load(&flags, env(&[("CHIRM_BIND", "2.2.2.2:2"), ("CHIRM_DATA_DIR", "/env"), ("PATH", "/bin")])).unwrap();
        assert_eq!(loaded.config.bind.to_string(), "3.3.3.3:3");
        assert_eq!(loaded.config.data_dir, PathBuf::from("/env"));
        assert_eq!((loaded.config.workers, loaded.config.database.readers), (3, 7));
        assert_eq!(loaded.config.database.synchronous, Synchronous::Full);
        assert_eq!(loaded.sources["bind"], Source::Flag);
        assert_eq!(loaded.sources["data_dir"], Source::Environment);
        assert_eq!(loaded.sources["workers"], Source::File);
        assert_eq!(loaded.sources["log"], Source::Default);
    }

    #[test]
    fn environment_is_typed() {
        let pairs = [
            ("CHIRM_AUTH__GUESTS", "true"),
            ("CHIRM_AUTH__REGISTRATION", "closed"),
            ("CHIRM_AUTH__HASH__MEMORY_KIB", "64"),
            ("CHIRM_DATABASE__SYNCHRONOUS", "normal"),
            ("CHIRM_LIMITS__ENABLED", "false"),
            ("CHIRM_LIMITS__BODY_CHARS", "100"),
            ("CHIRM_PUBLIC_URL", "https://example.org/chat/"),
            ("CHIRM_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
        ];
        let (_file, flags) = with_file("");
        let config = load(&flags, env(&pairs)).unwrap().config;
        assert!(config.auth.guests && !config.limits.enabled && config.secure());
        assert_eq!(config.auth.registration, Some(Registration::Closed));
        assert_eq!((config.auth.hash.memory_kib, config.limits.sizes.body_chars), (64, 100));
        assert_eq!(config.base_path(), "/chat");
        assert!(config.trusts("10.1.2.3".parse().unwrap()));
        assert_eq!(config.limits.rate(5), None);
    }

    #[test]
    fn unknown_keys_are_named_with_the_nearest() {
        assert!(problems("bnd = 'x'", &[]).contains("Unknown key bnd in the configuration file. Did you mean bind?"));
        assert!(problems("[limits]\nsend_per_sec = 1", &[]).contains("Did you mean limits.send_per_s?"));
        assert!(problems("[nonsense]\nx = 1", &[]).contains("Unknown key nonsense"));
        assert!(
            problems("", &[("CHIRM_DATABASE_URL", "x")])
                .contains("Unknown environment variable CHIRM_DATABASE_URL. Did you mean CHIRM_DATABASE__URL?")
        );
    }

    #[test]
    fn bad_values_name_their_key() {
        assert!(problems("workers = 'many'", &[]).starts_with("workers (file): "));
        assert!(problems("[auth]\nregistration = 'sometimes'", &[]).starts_with("auth.registration (file): "));
        assert!(problems("", &[("CHIRM_WORKERS", "many")]).contains("CHIRM_WORKERS: \"many\" is no whole number."));
        assert!(problems("", &[("CHIRM_BIND", "here")]).starts_with("bind (environment): "));
        assert!(problems("[database]\nurl = 'mysql://x'", &[]).starts_with("database.url starts with"));
        assert!(problems("bind = ", &[]).contains("TOML parse error"));
        assert_eq!(problems("a = 1\nb = 2", &[]).lines().count(), 2);
    }

    #[test]
    fn secrets_from_files() {
        let secret = tempfile::NamedTempFile::new().unwrap();
        fs::write(secret.path(), "postgres://u:p@h/d\n").unwrap();
        let path = secret.path().display().to_string();
        let (_file, flags) = with_file("");
        let loaded = load(&flags, env(&[("CHIRM_DATABASE__URL_FILE", &path)])).unwrap();
        assert_eq!(loaded.config.database_url(), "postgres://u:p@h/d");
        assert!(problems("", &[("CHIRM_DATABASE__URL_FILE", &path), ("CHIRM_DATABASE__URL", "sqlite://x")]).contains("Both"));
        assert!(problems("", &[("CHIRM_BIND_FILE", &path)]).contains("Unknown environment variable CHIRM_BIND_FILE"));
    }

    #[test]
    fn a_missing_file_that_was_named_is_an_error() {
        let flags = Flags { config: Some("/nowhere/chirm.toml".into()), ..Flags::default() };
        assert!(load(&flags, []).unwrap_err().to_string().starts_with("/nowhere/chirm.toml: "));
    }
}
