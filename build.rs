//! The web client is embedded from `web/dist`. Where it was not built, an empty folder lets the server compile without Node.

use std::fs;

fn main() {
    // A source tree that cannot be written to is no reason to fail: a missing folder counts as an empty one.
    drop(fs::create_dir_all("web/dist"));
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-changed=migrations");
}
