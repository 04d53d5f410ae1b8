//! [`Repositories`]: whether version control is at work on the files of mods, by its lock files.
//!
//! git and Mercurial lock their work tree before they write the first file of a checkout, a stash or a step of a
//! rebase, and unlock it after the last one, with another index than before. A folder of theirs is never watched: its lock is looked at when files
//! are about to be read, which takes microseconds.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::file::{Stamp, read_file_limited};

/// The most bytes of a `.git` that is a file.
const GIT_FILE_BYTES_MAX: u64 = 8 * 1024;

/// The work trees that a mods folder lies in, and those in it.
#[derive(Debug)]
pub struct Repositories {
    mods: PathBuf,
    /// Those that the mods folder lies in.
    around: Vec<Repository>,
}

/// What of a work tree tells of operations.
#[derive(Clone, Debug)]
struct Repository {
    /// There while one runs.
    lock: PathBuf,
    /// Another one after each.
    index: PathBuf,
}

/// How far operations had come; another one ran in between where two of them differ.
#[derive(Debug, PartialEq, Eq)]
pub struct Operations(Vec<Option<Stamp>>);

impl Repositories {
    /// Looks for those around the folder `mods` once. Those of single mods are looked for each time.
    pub fn around(mods: &Path) -> Repositories {
        let mods = mods.canonicalize().unwrap_or_else(|_| mods.to_owned());
        let around = mods.ancestors().flat_map(repositories_of).collect();
        Repositories { mods, around }
    }

    /// How long ago the latest operation began that is not finished, in a work tree of the mods in these folders.
    pub fn operation_age<'a>(&self, folders: impl Iterator<Item = &'a str>) -> Option<Duration> {
        let all = self.all(folders);
        all.filter_map(|repository| age(&repository.lock)).min()
    }

    /// How far operations have come there.
    pub fn operations<'a>(&self, folders: impl Iterator<Item = &'a str>) -> Operations {
        let stamp = |repository: Repository| {
            let metadata = fs::symlink_metadata(repository.index).ok()?;
            Some(Stamp::of(&metadata))
        };
        Operations(self.all(folders).map(stamp).collect())
    }

    fn all<'a>(&self, folders: impl Iterator<Item = &'a str>) -> impl Iterator<Item = Repository> {
        let inside = folders.flat_map(|folder| repositories_of(&self.mods.join(folder)));
        self.around.iter().cloned().chain(inside)
    }
}

/// Those of which `root` is the root.
fn repositories_of(root: &Path) -> Vec<Repository> {
    let mut found = Vec::new();
    let git = root.join(".git");
    if let Ok(metadata) = fs::symlink_metadata(&git) {
        let folder = match metadata.is_file() {
            true => git_folder(root, &git),
            false => Some(git),
        };
        found.extend(folder.map(|folder| Repository {
            lock: folder.join("index.lock"),
            index: folder.join("index"),
        }));
    }
    let mercurial = root.join(".hg");
    if mercurial.is_dir() {
        found.push(Repository {
            lock: mercurial.join("wlock"),
            index: mercurial.join("dirstate"),
        });
    }
    found
}

/// Where a `.git` that is a file says that the folder is: a submodule, or one work tree of several.
fn git_folder(root: &Path, file: &Path) -> Option<PathBuf> {
    let text = read_file_limited(file, GIT_FILE_BYTES_MAX).ok()?;
    let text = String::from_utf8(text).ok()?;
    let folder = text.strip_prefix("gitdir:")?;
    Some(root.join(folder.trim()))
}

/// The age of a lock that is there. Mercurial's is a link that leads nowhere. One from the future is as good as
/// none: nobody could say when it is too old.
fn age(lock: &Path) -> Option<Duration> {
    let made = fs::symlink_metadata(lock).ok()?.modified().ok()?;
    SystemTime::now().duration_since(made).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    fn check(root: &Path, lock: &str) {
        let repositories = Repositories::around(&root.join("mods"));
        let age = || repositories.operation_age(["economy"].into_iter());
        assert_eq!(age(), None, "{lock}");
        let lock = root.join(lock);
        let file = File::create(&lock).unwrap();
        assert!(
            age().is_some_and(|age| age < Duration::from_secs(60)),
            "{lock:?}"
        );
        let old = SystemTime::now() - Duration::from_secs(3600);
        file.set_modified(old).unwrap();
        assert!(age().is_some_and(|age| age >= Duration::from_secs(3600)));
        file.set_modified(old + Duration::from_secs(7200)).unwrap();
        assert_eq!(age(), None, "from the future");
        let operations = || repositories.operations(["economy"].into_iter());
        let before = operations();
        assert_eq!(operations(), before);
        let index = match lock.ends_with("wlock") {
            true => lock.with_file_name("dirstate"),
            false => lock.with_file_name("index"),
        };
        fs::rename(&lock, index).unwrap();
        assert_eq!(age(), None);
        assert_ne!(operations(), before, "it ran to its end");
    }

    #[test]
    fn a_lock_is_found_around_the_mods_folder_and_in_a_mod() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        for folder in ["mods/economy/.git", ".git/modules/economy", ".hg"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        check(root, ".git/index.lock");
        check(root, ".hg/wlock");
        check(root, "mods/economy/.git/index.lock");
        fs::remove_dir_all(root.join("mods/economy/.git")).unwrap();
        let git = root.join("mods/economy/.git");
        fs::write(git, "gitdir: ../../.git/modules/economy\n").unwrap();
        check(root, ".git/modules/economy/index.lock");
    }
}
