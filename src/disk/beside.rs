//! [`Beside`]: a folder of the player's own TOML files beside the mods, as it was read last; and one profile.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::file::read_file_limited;
use super::folder::KnownFolder;
use super::reader::FolderReading;
use super::rules::ReadRules;
use super::walk::{Walk, not_a_file, unreadable};
use crate::change::Root;
use crate::files::ModFile;
use crate::problem::{Code, Place, Problem};
use crate::profile::{PROFILE_BYTES_MAX, ProfileName};

/// A folder of the player's own TOML files, as it was read last.
#[derive(Debug)]
pub(super) struct Beside {
    root: Root,
    known: KnownFolder,
}

impl Beside {
    pub(super) fn new(root: Root) -> Beside {
        Beside {
            root,
            known: KnownFolder::new(""),
        }
    }

    /// Compares `folder` with the disk.
    pub(super) fn read(&mut self, folder: &Path, rules: &ReadRules) {
        let rules = ReadRules {
            subdirectories: false,
            ..rules.clone()
        };
        let base = folder.canonicalize();
        let base = base.unwrap_or_else(|_| folder.to_owned());
        let walk = Walk {
            rules: &rules,
            root: self.root,
            base: &base,
            folder: "",
        };
        let list = || {
            let mut listing = walk.run("", base.clone(), |_| {});
            listing.files.retain(|name, _| name.ends_with(".toml"));
            listing
        };
        if !self.known.read(&walk, list) {
            self.known = KnownFolder::new("");
        }
    }

    /// Has a file, or with an empty path everything, read again the next time.
    pub(super) fn suspect(&mut self, path: &str) {
        self.known.suspect(path);
    }

    /// The files, by name without `.toml`; what is wrong with them goes into `reading`.
    pub(super) fn tell(&self, reading: &mut FolderReading) -> BTreeMap<String, ModFile> {
        reading.problems.extend_from_slice(&self.known.problems);
        reading.retry.extend_from_slice(&self.known.retry);
        let files = self.known.reading.iter();
        files
            .map(|(name, file)| {
                let id = name.strip_suffix(".toml").unwrap_or(name);
                (id.to_owned(), file.clone())
            })
            .collect()
    }
}

/// The most names that are listed of one folder.
const NAMES_MAX: usize = 10_000;

/// The names of the profiles in a folder, sorted. A folder that is not there has none.
pub fn list_profiles(folder: &Path) -> Vec<ProfileName> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let name = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        name.strip_suffix(".toml")?.parse().ok()
    };
    let entries = entries.take(NAMES_MAX).flatten();
    let mut names: Vec<ProfileName> = entries.filter_map(name).collect();
    names.sort_unstable();
    names
}

/// The text of a profile.
///
/// # Errors
/// There is none of that name, which is said with the nearest one; or it can't be read.
pub fn read_profile(folder: &Path, name: &ProfileName) -> Result<Vec<u8>, Box<Problem>> {
    let path = folder.join(format!("{name}.toml"));
    read_file_limited(&path, PROFILE_BYTES_MAX as u64).map_err(|error| {
        let problem = match error.kind() {
            io::ErrorKind::NotFound => return Box::new(name.unknown(&list_profiles(folder))),
            io::ErrorKind::InvalidInput => not_a_file(&name.file(), "a folder, link or FIFO"),
            io::ErrorKind::FileTooLarge => {
                let because = format!("has more bytes than the limit of {PROFILE_BYTES_MAX}");
                let hint = "keep values of mods in their own files, such as config/economy.toml";
                Problem::error(Code::TOO_LARGE, because).hint(hint)
            }
            _ => unreadable("can't be read", &error).hint("check the permissions, then try again"),
        };
        Box::new(problem.at(Place::file(name.file())))
    })
}
