//! Disks that lose power: what was not synced is gone, or some of it.
//!
//! | disk | what is lost | what it does not show |
//! |---|---|---|
//! | [`Disk::Undone`] | by seed nothing, everything, or any sectors of 512 bytes of what was written and not synced, over all files | a file system's own doings; names of files are never lost |
//! | [`Disk::Mounted`] | what a real ext4 or XFS had not written when it was shut down | a device's volatile cache: what reached it is kept |

use crate::history::generate::Random;
use std::{
    collections::HashMap,
    fs::{self, File},
    io::Read,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

const SECTOR: usize = 512;

/// Which file system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileSystem {
    Ext4,
    Xfs,
}

pub enum Disk {
    /// Writes and syncs are noted by a library that is loaded before all others, and undone.
    Undone { data: PathBuf, log: PathBuf },
    /// A file system in a file, shut down as `xfstests` does it. Needs root.
    Mounted { at: PathBuf, device: String },
}

impl Disk {
    /// For a server that is going to have its data there, and the variables that it needs.
    pub fn undone(data: &Path) -> (Self, Vec<(&'static str, String)>) {
        let log = data.with_file_name("power.log");
        let set = vec![
            ("LD_PRELOAD", library().display().to_string()),
            ("POWER_LOG", log.display().to_string()),
            ("POWER_PATH", data.join("chirm.db").display().to_string()),
        ];
        (Self::Undone { data: data.to_owned(), log }, set)
    }

    /// The same on a file system of its own.
    pub fn mounted(data: &Path, kind: FileSystem) -> Self {
        let image = data.with_file_name("image");
        File::create(&image).unwrap().set_len(320 << 20).unwrap();
        let maker = if kind == FileSystem::Ext4 { ["mkfs.ext4", "-q", "-F"] } else { ["mkfs.xfs", "-q", "-f"] };
        run(Command::new(maker[0]).args(&maker[1..]).arg(&image));
        let device = run(Command::new("losetup").args(["-f", "--show"]).arg(&image)).trim().to_owned();
        fs::create_dir_all(data).unwrap();
        run(Command::new("mount").arg(&device).arg(data));
        Self::Mounted { at: data.to_owned(), device }
    }

    /// Whether a loss of power would take nothing now.
    pub fn holds_all(&self) -> bool {
        match self {
            Self::Undone { log, .. } => unsynced(log).values().all(Vec::is_empty),
            Self::Mounted { .. } => true,
        }
    }

    /// The power is gone. The server must stand still: a file system that is shut down may still say to a process that something was synced. (What
    /// was noted is undone once the server is gone.)
    pub fn cut(&self) {
        if let Self::Mounted { at, .. } = self {
            run(Command::new("xfs_io").args(["-x", "-c", "shutdown"]).arg(at));
        }
    }

    /// The power is back, and nothing that was not synced had reached the disk. The server must not run.
    pub fn back_without_the_unsynced(&self) {
        if let Self::Undone { data, log } = self {
            restore(data, log, |_, _| ());
            Self::forget(data, log);
        }
    }

    /// What is in memory alone, and what was noted.
    fn forget(data: &Path, log: &Path) {
        let _ = fs::remove_file(log);
        // Shared memory is never on a disk.
        let _ = fs::remove_file(data.join("chirm.db-shm"));
    }

    /// The power is back. The server must not run.
    pub fn back(&self, mut random: Random) {
        match self {
            Self::Undone { data, log } => {
                restore(data, log, |file, changes| redo_some(file, changes, &mut random));
                Self::forget(data, log);
            }
            Self::Mounted { at, device } => {
                run(Command::new("umount").arg(at));
                run(Command::new("mount").arg(device).arg(at));
            }
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Self::Mounted { at, device } = self {
            let _ = Command::new("umount").arg("-l").arg(at).status();
            let _ = Command::new("losetup").arg("-d").arg(device).status();
        }
    }
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Built once.
fn library() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let (source, built) = (concat!(env!("CARGO_MANIFEST_DIR"), "/tests/soak/power.c"), crate::plan::folder().join("power.so"));
        // Another process may be building it too.
        let fresh = built.with_extension(std::process::id().to_string());
        run(Command::new("cc").args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"]).arg(&fresh).arg(source));
        fs::rename(&fresh, &built).unwrap();
        built
    })
}

/// Something that was done to a file, and not synced.
struct Change {
    /// Of a write; the new size of a truncation.
    offset: u64,
    /// The file's size before.
    size: u64,
    old: Vec<u8>,
    /// None: a truncation.
    new: Option<Vec<u8>>,
}

/// By the file's inode, in order: what no sync came after.
fn unsynced(log: &Path) -> HashMap<u64, Vec<(u64, Change)>> {
    let mut bytes = Vec::new();
    File::open(log).unwrap_or_else(|error| panic!("nothing was written through the library: {error}")).read_to_end(&mut bytes).unwrap();
    let mut changes: HashMap<u64, Vec<(u64, Change)>> = HashMap::new();
    let (mut at, mut rest) = (0_u64, &bytes[..]);
    // A torn record at the end is of a write that was not done.
    while let Some((head, body)) = rest.split_first_chunk::<48>() {
        let field = |number: usize| u64::from_le_bytes(head[number * 8..number * 8 + 8].try_into().unwrap());
        let (kind, file, offset, size, old_len, new_len) = (field(0), field(1), field(2), field(3), field(4) as usize, field(5) as usize);
        if body.len() < old_len + new_len {
            break;
        }
        let (old, new) = (body[..old_len].to_vec(), body[old_len..old_len + new_len].to_vec());
        let of_file = changes.entry(file).or_default();
        match kind {
            2 => of_file.retain(|(noted, _)| *noted >= offset),
            kind => of_file.push((at, Change { offset, size, old, new: (kind == 1).then_some(new) })),
        }
        rest = &body[old_len + new_len..];
        at += 48 + (old_len + new_len) as u64;
    }
    changes
}

/// Undoes all that was not synced; then `redo` may do some of a file's changes again.
fn restore(data: &Path, log: &Path, mut redo: impl FnMut(&File, &[(u64, Change)])) {
    let mut changes = unsynced(log);
    for entry in fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        let Some(changes) = changes.remove(&fs::metadata(&path).unwrap().ino()) else { continue };
        let file = File::options().read(true).write(true).open(&path).unwrap();
        for (_, change) in changes.iter().rev() {
            file.write_all_at(&change.old, change.offset).unwrap();
            file.set_len(change.size).unwrap();
        }
        redo(&file, &changes);
    }
}

fn redo_some(file: &File, changes: &[(u64, Change)], random: &mut Random) {
    match random.below(4) {
        // Nothing of it had reached the disk…
        0 => {}
        // …or all…
        1 => changes.iter().for_each(|(_, change)| redo(file, change, || true)),
        // …or the first of it, the last write torn…
        2 => {
            let until = random.below(changes.len() + 1);
            changes[..until].iter().for_each(|(_, change)| redo(file, change, || true));
            changes[until..].iter().take(1).for_each(|(_, change)| redo(file, change, || random.one_in(2)));
        }
        // …or any of it.
        _ => changes.iter().for_each(|(_, change)| redo(file, change, || random.one_in(2))),
    }
}

/// Does it again, as far as each sector had reached the disk.
fn redo(file: &File, change: &Change, mut reached: impl FnMut() -> bool) {
    let Some(new) = &change.new else {
        if reached() {
            file.set_len(change.offset).unwrap();
        }
        return;
    };
    for (number, sector) in new.chunks(SECTOR).enumerate() {
        if reached() {
            file.write_all_at(sector, change.offset + (number * SECTOR) as u64).unwrap();
        }
    }
}
