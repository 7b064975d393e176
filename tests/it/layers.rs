//! Imports go one way, and some things have one place.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// A module may import those of a lower number, and itself. What shares a number knows nothing of the others.
const LAYERS: [(&str, u8); 17] = [
    ("domain", 0),
    ("faults", 0),
    ("config", 1),
    ("protocol", 1),
    ("bus", 2),
    ("db", 2),
    ("auth", 2),
    ("actors", 3),
    ("metrics", 4),
    ("http", 4),
    ("unsynced", 4),
    ("upkeep", 4),
    ("server", 5),
    ("fuzz", 5),
    ("cli", 6),
    ("lib", 7),
    ("main", 7),
];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push(path);
        }
    }
}

/// Every source file but tests: its path under `src/` and its code without comments and tests.
fn code() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    assert!(paths.len() > 20, "{paths:?}");
    paths.retain(|path| !path.ends_with("tests.rs") && path.parent().is_none_or(|folder| !folder.ends_with("tests")));
    let bare = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        (path.strip_prefix(&root).unwrap().display().to_string(), lines.collect::<Vec<_>>().join("\n"))
    };
    paths.iter().map(bare).collect()
}

fn layer(module: &str) -> u8 {
    let found = LAYERS.iter().find(|(name, _)| *name == module);
    found.unwrap_or_else(|| panic!("which layer is {module} in? Add it to LAYERS")).1
}

/// The modules that follow `crate::`, also in braces.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let name = |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    for (at, _) in code.match_indices("crate::") {
        if at > 0 && code.as_bytes()[at - 1] == b'$' {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if !rest.starts_with('{') {
            found.push(name(rest));
            continue;
        }
        let (mut depth, mut begins) = (0, false);
        for (at, c) in rest.char_indices() {
            match c {
                '{' => {
                    depth += 1;
                    begins = depth == 1;
                }
                '}' => depth -= 1,
                ',' => begins = depth == 1,
                c if begins && c.is_ascii_alphabetic() => {
                    found.push(name(&rest[at..]));
                    begins = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    found
}

#[test]
fn imports_are_found() {
    let text = "use crate::{\n    a::{x, y},\n    b,\n    c::z as w,\n};\nuse crate::d;\nfn f() { crate::e::g() }\nmacro!($crate::not)";
    assert_eq!(imports(text), ["a", "b", "c", "d", "e"]);
}

#[test]
fn imports_go_one_way() {
    let mut wrong = BTreeMap::new();
    for (path, code) in code() {
        let module = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        for import in imports(&code) {
            if import != module && layer(&import) >= layer(&module) {
                wrong.entry(path.clone()).or_insert_with(Vec::new).push(import);
            }
        }
    }
    assert!(wrong.is_empty(), "these import what is above or beside them: {wrong:#?}");
}

fn files_with(what: &[&str]) -> Vec<String> {
    code().into_iter().filter(|(_, code)| what.iter().any(|what| code.contains(what))).map(|(path, _)| path).collect()
}

#[test]
fn one_file_names_the_frame_types() {
    assert_eq!(files_with(&["actix_web_actors"]).len(), 1, "{:?}", files_with(&["actix_web_actors"]));
}

#[test]
fn nothing_is_printed_in_passing() {
    assert_eq!(files_with(&["println!", "eprintln!", "print!(", "dbg!("]), Vec::<String>::new());
}

#[test]
fn only_the_storage_knows_sql() {
    let outside: Vec<String> = files_with(&["diesel::prelude", "sql_query", "SELECT ", "INSERT INTO"])
        .into_iter()
        .filter(|path| !path.starts_with("db/") && path != "db.rs")
        .collect();
    assert_eq!(outside, Vec::<String>::new());
}

#[test]
fn only_the_protocol_encodes_frames() {
    let outside: Vec<String> =
        files_with(&["\"event\":", "\\\"event\\\":"]).into_iter().filter(|path| !path.starts_with("protocol/")).collect();
    assert_eq!(outside, Vec::<String>::new());
}
