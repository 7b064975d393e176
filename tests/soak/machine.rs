//! A machine whose disk fails and whose clock jumps: `faults.c`, loaded into the server before everything else.

use crate::support::{Backend, Server};
use std::{fs, os::unix::fs::FileExt, path::PathBuf, process::Command, sync::OnceLock, time::Duration};
use tempfile::NamedTempFile;

/// No space left on the device.
pub const ENOSPC: i64 = 28;
/// The device failed.
pub const EIO: i64 = 5;
/// Both kinds of numbers in the control file are of this size.
const WORD: u64 = 8;

/// What is to go wrong on the machine of one server.
pub struct Faults {
    control: NamedTempFile,
    /// Files whose path has this in it, or ends with it where it ends with `$`.
    path: &'static str,
}

impl Faults {
    /// Of files whose path has this in it, or ends with it where it ends with `$`.
    pub fn of(path: &'static str) -> Self {
        let control = NamedTempFile::new().unwrap();
        control.as_file().set_len(4096).unwrap();
        Self { control, path }
    }

    /// A server on this machine.
    pub async fn server(&self, backend: Backend, settings: &[(&str, &str)]) -> Server {
        let mut server = Server::prepared(backend, settings);
        self.befall(&mut server);
        server.run();
        server
    }

    /// From the next start on this server is on this machine.
    pub fn befall(&self, server: &mut Server) {
        let mut libraries = library().display().to_string();
        if let Some(others) = server.setting("LD_PRELOAD") {
            libraries = format!("{libraries}:{others}");
        }
        server.set("LD_PRELOAD", Some(&libraries));
        server.set("FAULTS_FILE", self.control.path().to_str());
        server.set("FAULTS_PATH", Some(self.path));
        let shadow = Self::shadow(server);
        server.set("FAULTS_SHADOW", shadow.to_str());
    }

    /// Where there is such a file, what is written while no sync fails is written to it, too. So a copy that was made after syncs began to fail is
    /// what the disk holds that forgot whatever was not synced.
    pub fn shadow(server: &Server) -> PathBuf {
        server.data_dir().join("shadow")
    }

    fn set(&self, word: u64, value: i64) {
        self.control.as_file().write_all_at(&value.to_ne_bytes(), word * WORD).unwrap();
    }

    fn get(&self, word: u64) -> i64 {
        let mut bytes = [0; WORD as usize];
        self.control.as_file().read_exact_at(&mut bytes, word * WORD).unwrap();
        i64::from_ne_bytes(bytes)
    }

    /// From here on writes fail like this; 0 for not at all.
    pub fn writes_fail(&self, errno: i64) {
        self.set(0, errno);
    }

    /// From here on syncs fail like this; 0 for not at all.
    pub fn syncs_fail(&self, errno: i64) {
        self.set(1, errno);
    }

    /// From here on the wall clock is wrong by this.
    pub fn shift_clock(&self, seconds: i64) {
        self.set(2, seconds);
    }

    /// From here on each sync takes so much longer.
    pub fn syncs_take(&self, longer: Duration) {
        self.set(5, longer.as_micros() as i64);
    }

    /// How many syncs were made to take longer.
    pub fn syncs_held_up(&self) -> i64 {
        self.get(6)
    }

    /// How often something was made to fail.
    pub fn hits(&self) -> i64 {
        self.get(3)
    }

    /// How often a handle was synced on which a sync had failed before.
    pub fn syncs_tried_again(&self) -> i64 {
        self.get(4)
    }
}

/// Compiled by the first test that wants it.
fn library() -> PathBuf {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    let compile = || {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let (made, library) = (folder.join(format!("faults-{}.so", std::process::id())), folder.join("faults.so"));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/soak/faults.c");
        let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(&made).arg(source).status();
        assert!(compiled.unwrap().success(), "{source} cannot be compiled");
        // Another test program may be using the last one.
        fs::rename(made, &library).unwrap();
        library
    };
    LIBRARY.get_or_init(compile).clone()
}
