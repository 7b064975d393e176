//! The commented template, and the configuration as it is.

use super::{Config, KEYS, Key, Source, load::defaults};
use std::collections::BTreeMap;
use toml::{Table, Value};

/// A file with every setting, its default and what it does, all of it commented out.
pub fn template() -> String {
    let values = defaults();
    let mut text = String::from(
        "# Chirm's settings with their defaults. Flags and CHIRM_* environment variables win over this file:\n# database.url is CHIRM_DATABASE__URL there. Secrets can be read from files: CHIRM_DATABASE__URL_FILE.\n",
    );
    let mut section = "";
    for key in KEYS {
        let (within, name) = key.split();
        if within != section {
            section = within;
            text.push_str(&format!("\n[{section}]\n"));
        }
        text.push('\n');
        for line in key.help.lines() {
            text.push_str(&format!("# {line}\n"));
        }
        let value = get(&values, key.name).map_or_else(|| key.example.to_owned(), Value::to_string);
        text.push_str(&format!("#{name} = {value}\n"));
    }
    text
}

/// One setting as it is; secrets are hidden.
pub struct Shown {
    /// Its name in the file.
    pub key: &'static str,
    /// Its value in TOML; none where it is unset.
    pub value: Option<Value>,
    /// Where it came from.
    pub source: Source,
}

/// Every setting as it is; secrets are hidden.
pub fn show(config: &Config, sources: &BTreeMap<&'static str, Source>) -> Vec<Shown> {
    let values = Table::try_from(config).unwrap_or_default();
    let shown = |key: &Key| {
        let hide = |value: &Value| if key.secret { Value::String("********".to_owned()) } else { value.clone() };
        let source = sources.get(key.name).copied().unwrap_or(Source::Default);
        Shown { key: key.name, value: get(&values, key.name).map(hide), source }
    };
    KEYS.iter().map(shown).collect()
}

fn get<'a>(table: &'a Table, name: &str) -> Option<&'a Value> {
    match name.split_once('.') {
        None => table.get(name),
        Some((section, rest)) => table.get(section)?.as_table().and_then(|inner| get(inner, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Flags, load};
    use std::fs;

    /// Takes the mark off every line that sets something.
    fn uncommented() -> String {
        let bare = |line: &str| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest.to_owned(),
            _ => line.to_owned(),
        };
        template().lines().map(bare).collect::<Vec<_>>().join("\n")
    }

    fn leaves(prefix: &str, table: &Table, into: &mut Vec<String>) {
        for (name, value) in table {
            let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            match value {
                Value::Table(inner) => leaves(&name, inner, into),
                _ => into.push(name),
            }
        }
    }

    fn load_text(text: &str) -> Config {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        load(&Flags { config: Some(file.path().to_owned()), ..Flags::default() }, []).unwrap().config
    }

    #[test]
    fn template_as_it_is_changes_nothing() {
        assert_eq!(load_text(&template()), Config::default());
    }

    #[test]
    fn template_without_comment_marks_sets_every_key_and_the_table_is_complete() {
        let config = load_text(&uncommented());
        let mut names = Vec::new();
        leaves("", &Table::try_from(&config).unwrap(), &mut names);
        let mut known: Vec<_> = KEYS.iter().map(|key| key.name.to_owned()).collect();
        names.sort();
        known.sort();
        assert_eq!(names, known);
        let unset = Config { public_url: None, ..config };
        assert_eq!(unset.limits, Config::default().limits);
        assert_eq!(unset.auth.hash, Config::default().auth.hash);
    }

    #[test]
    fn committed_template_is_current() {
        let committed = include_str!("../../chirm.example.toml");
        assert!(committed == template(), "write it anew: chirm config init --force chirm.example.toml");
    }

    #[test]
    fn secrets_are_hidden() {
        let mut config = Config::default();
        config.database.url = Some("postgres://u:secret@h/d".to_owned());
        let shown = show(&config, &BTreeMap::new());
        assert!(shown.iter().all(|one| !format!("{:?}", one.value).contains("secret")));
        assert!(shown.iter().any(|one| one.key == "database.url" && one.value.is_some()));
    }
}
