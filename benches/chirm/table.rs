//! The results of a run as a table: what criterion wrote down, for people.

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Prints a line for each bench that ran since `start`.
pub fn print(start: SystemTime) {
    let mut found = Vec::new();
    collect(&folder(), start, &mut found);
    found.sort();
    if found.is_empty() {
        return;
    }
    println!("\n{:<48} {:>12} {:>14}", "bench", "median", "per second");
    for line in found {
        println!("{line}");
    }
}

fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    std::env::var_os("CRITERION_HOME").map_or_else(|| target.join("criterion"), PathBuf::from)
}

fn collect(folder: &Path, start: SystemTime, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        if path.ends_with("new") {
            found.extend(line(&path, start));
        } else {
            collect(&path, start, found);
        }
    }
}

/// None for a bench of an earlier run.
fn line(results: &Path, start: SystemTime) -> Option<String> {
    let read = |name: &str| -> Option<Value> { serde_json::from_slice(&fs::read(results.join(name)).ok()?).ok() };
    if fs::metadata(results.join("estimates.json")).ok()?.modified().ok()? < start {
        return None;
    }
    let (bench, estimates) = (read("benchmark.json")?, read("estimates.json")?);
    let nanos = estimates["median"]["point_estimate"].as_f64()?;
    // Of each run, where the bench says that it does several.
    let elements = bench["throughput"]["Elements"].as_f64().unwrap_or(1.0);
    let per_second = elements * 1e9 / nanos;
    Some(format!("{:<48} {:>12} {:>14}", bench["full_id"].as_str()?, time(nanos), thousands(per_second)))
}

fn time(nanos: f64) -> String {
    match nanos {
        ..1e3 => format!("{nanos:.0} ns"),
        ..1e6 => format!("{:.2} µs", nanos / 1e3),
        _ => format!("{:.2} ms", nanos / 1e6),
    }
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let grouped: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|three| std::str::from_utf8(three).unwrap()).collect();
    grouped.join(",")
}
