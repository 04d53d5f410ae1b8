//! [`Kept`]: bytecode that is kept on disk from one run to the next, in a folder that only the player can write.
//!
//! Bytecode can't be checked: what is forged can do anything. So it is taken only from a [`PrivateFolder`], and
//! only if this very engine wrote it. Anything else is as if nothing were there: the scripts are compiled.

use std::path::Path;

use crate::disk::PrivateFolder;
use crate::files::ContentHash;
use crate::lua::{Bytecode, engine_stamp};

/// How the names of the files begin. Each has what the scripts of one mods folder were compiled to.
const PREFIX: &str = "bytecode-";

/// Mods folders whose bytecode is kept.
const FOLDERS_MAX: usize = 16;

/// The most bytes of one file; what is more is compiled anew at each start.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bytecode by the content that it was compiled from.
pub(super) type Pack = Vec<(ContentHash, Bytecode)>;

/// The bytecode of one mods folder on disk.
pub(super) struct Kept {
    folder: PrivateFolder,
    name: String,
    stamp: String,
}

impl Kept {
    /// What is kept in `folder` for `mods`; nothing where nobody can tell who wrote it, or where the engine does not
    /// say which one it is.
    pub(super) fn open(folder: &Path, mods: &Path) -> Option<Kept> {
        let stamp = engine_stamp()?;
        let opened = PrivateFolder::open(folder);
        let refused = |error: &std::io::Error| {
            tracing::info!(because = %error.kind(), "no bytecode is kept from run to run");
        };
        let folder = opened.inspect_err(refused).ok()?;
        let mods = ContentHash::of(mods.as_os_str().as_encoded_bytes()).to_string();
        Some(Kept {
            folder,
            name: format!("{PREFIX}{}", &mods[..16]),
            stamp,
        })
    }

    /// What an earlier run of this engine kept.
    pub(super) fn read(&self) -> Pack {
        let bytes = self.folder.read(&self.name, 2 * BYTES_MAX as u64);
        unpack(&bytes.unwrap_or_default(), &self.stamp)
    }

    /// Keeps these for the next run.
    pub(super) fn write(&self, pack: &[(ContentHash, Bytecode)]) {
        let written = to_bytes(pack, &self.stamp, BYTES_MAX)
            .map_err(std::io::Error::other)
            .and_then(|bytes| self.folder.write(&self.name, &bytes));
        match written {
            Ok(()) => self.folder.keep_newest(PREFIX, FOLDERS_MAX),
            Err(error) => tracing::info!(because = %error.kind(), "the bytecode is not kept"),
        }
    }
}

/// As many of `pack` as have room in `bytes_max`.
fn to_bytes(
    pack: &[(ContentHash, Bytecode)],
    stamp: &str,
    bytes_max: usize,
) -> postcard::Result<Vec<u8>> {
    let mut bytes = 0;
    let entries: Vec<(&[u8; 32], &[u8])> = pack
        .iter()
        .map(|(hash, bytecode)| (hash.as_bytes(), &**bytecode))
        .take_while(|(_, bytecode)| {
            bytes += bytecode.len();
            bytes <= bytes_max
        })
        .collect();
    postcard::to_stdvec(&(stamp, entries))
}

/// What [`to_bytes`] wrote with the same stamp.
fn unpack(bytes: &[u8], stamp: &str) -> Pack {
    let read = postcard::from_bytes::<(&str, Vec<([u8; 32], &[u8])>)>(bytes);
    let (_, entries) = read
        .ok()
        .filter(|(its, _)| *its == stamp)
        .unwrap_or_default();
    let entries = entries.into_iter();
    entries
        .map(|(hash, bytecode)| (ContentHash::from_bytes(hash), bytecode.into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack() -> Pack {
        let of = |text: &[u8]| (ContentHash::of(text), Bytecode::from(text));
        vec![of(b"one"), of(b"two")]
    }

    #[test]
    fn what_is_kept_comes_back_for_the_same_engine_alone() {
        let bytes = to_bytes(&pack(), "this engine", 6).unwrap();
        assert_eq!(unpack(&bytes, "this engine"), pack());
        assert_eq!(unpack(&bytes, "an older one"), []);
        assert_eq!(unpack(&bytes[1..], "this engine"), []);
        assert_eq!(unpack(b"", ""), []);
    }

    #[test]
    fn what_is_beyond_the_limit_is_left_out() {
        let bytes = to_bytes(&pack(), "this engine", 5).unwrap();
        assert_eq!(unpack(&bytes, "this engine"), pack()[..1]);
    }
}
