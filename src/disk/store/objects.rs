//! Contents by their hash: written once, shared by everything that refers to them, let go when nothing does.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use super::{Store, gone};
use crate::disk::file::read_file_limited;
use crate::disk::write::{sync_folder, temporary};
use crate::envelope::{self, Kind};
use crate::files::ContentHash;
use crate::settings::StateCompression;

const OBJECT: Kind = Kind {
    magic: *b"LUNAOBJ\0",
    format: 1,
};

/// What an envelope adds to a content, generously.
const ENVELOPE_BYTES_MAX: u64 = 64;

impl Store {
    /// Reads the object `hash`, of at most `bytes_max`.
    ///
    /// # Errors
    /// It is not there, can't be read, or is not what its name says.
    pub fn read_object(&self, hash: ContentHash, bytes_max: u64) -> io::Result<Vec<u8>> {
        let limit = bytes_max.saturating_add(ENVELOPE_BYTES_MAX);
        let bytes = read_file_limited(&self.path_of(hash), limit)?;
        let content = envelope::open(OBJECT, &bytes, bytes_max)
            .map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))?;
        if ContentHash::of(&content) == hash {
            Ok(content)
        } else {
            let why = "the content is not what its name says";
            Err(io::Error::new(io::ErrorKind::InvalidData, why))
        }
    }

    /// Writes those of the objects that are not there yet; all of them are durable when it returns.
    ///
    /// # Errors
    /// What the system says; some of them may be there then, and harm nobody.
    pub fn write_objects<'a>(
        &self,
        objects: impl IntoIterator<Item = (ContentHash, &'a [u8])>,
        compression: StateCompression,
    ) -> io::Result<()> {
        let mut written = Vec::new();
        for (hash, content) in objects {
            let path = self.path_of(hash);
            // One that is damaged is no reason to refer to it.
            if self.read_object(hash, content.len() as u64).is_ok() {
                continue;
            }
            let folder = self.folder_to_write(&shelf_of(hash))?;
            let mut file = temporary().tempfile_in(&folder)?;
            file.write_all(&envelope::seal(OBJECT, content, compression))?;
            written.push((file, path, folder));
        }
        // One after the other would wait for the disk each time; the first sync takes most of the rest along.
        let mut folders = BTreeSet::new();
        for (file, _, _) in &written {
            file.as_file().sync_all()?;
        }
        for (file, path, folder) in written {
            file.persist(path).map_err(|error| error.error)?;
            folders.insert(folder);
        }
        folders.iter().try_for_each(|folder| sync_folder(folder))
    }

    /// Removes an object that nothing refers to any more.
    ///
    /// # Errors
    /// What the system says. One that is not there is removed already.
    pub fn remove_object(&self, hash: ContentHash) -> io::Result<()> {
        let folder = self.folder_to_write(&shelf_of(hash))?;
        gone(fs::remove_file(folder.join(name_of(hash))))
    }

    /// Removes every object but these: what a process that was killed wrote for a record that it did not
    /// come to write.
    pub fn sweep(&self, keep: &BTreeSet<ContentHash>) {
        let kept: BTreeSet<String> = keep.iter().map(ContentHash::to_string).collect();
        for shelf in self.shelves("objects") {
            for name in self.records(&format!("objects/{shelf}")) {
                if !kept.contains(&format!("{shelf}{name}")) {
                    // What can't be removed now is tried again at the next start.
                    let _ = self.remove_record(&format!("objects/{shelf}"), &name);
                }
            }
        }
    }

    fn path_of(&self, hash: ContentHash) -> PathBuf {
        self.root.join(shelf_of(hash)).join(name_of(hash))
    }
}

fn shelf_of(hash: ContentHash) -> String {
    format!("objects/{}", &hash.to_string()[..2])
}

fn name_of(hash: ContentHash) -> String {
    hash.to_string()[2..].to_owned()
}
