//! With `synchronous = "normal"` a loss of power may cost the last messages, of which clients may know. While that can happen a file says so; where it is
//! still there at the start, a new epoch makes every client begin anew instead of trusting what it holds.

use crate::db::{self, Checkpoints, Synchronous};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

const NAME: &str = "unsynced";

/// The file, in the data directory.
pub struct Mark(PathBuf);

impl Mark {
    /// Of this data directory.
    pub fn of(data_dir: &Path) -> Self {
        Self(data_dir.join(NAME))
    }

    /// To be called at the start, before anybody is told the epoch: whether the run before may have lost something is forgotten only when the
    /// new epoch is stored.
    pub fn begin(&self, db: &mut db::Db, synchronous: Synchronous) -> db::Result<io::Result<()>> {
        if self.0.exists() {
            log::warn!("the last run did not end by itself and did not wait for the disk: messages may be missing, clients begin anew");
            db::meta::new_epoch(db)?;
        }
        Ok(match synchronous {
            Synchronous::Full => self.remove(),
            Synchronous::Normal => self.set(),
        })
    }

    /// To be called at the end, when nothing is written any more: a checkpoint waits for the disk, and then nothing can be lost.
    pub fn end(&self, checkpoints: &mut Checkpoints) {
        if !self.0.exists() {
            return;
        }
        let whole = match checkpoints.run() {
            Ok(done) if done.is_whole() => Ok(()),
            Ok(_) => Err("somebody reads what the database was before".to_owned()),
            Err(trouble) => Err(trouble.to_string()),
        };
        if let Err(error) = whole.and_then(|()| self.remove().map_err(|error| error.to_string())) {
            log::warn!("the log could not be brought to the disk, clients will begin anew: {error}");
        }
    }

    fn set(&self) -> io::Result<()> {
        File::create(&self.0)?.sync_all()?;
        self.sync_folder()
    }

    fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => self.sync_folder(),
        }
    }

    /// A name is on the disk when its folder is.
    fn sync_folder(&self) -> io::Result<()> {
        self.0.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }
}
