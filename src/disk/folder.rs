//! [`KnownFolder`]: one folder as it was read last; reads again only the files that may have changed.
//!
//! A reading is consistent: after the files were read they are listed once more, and if anything is
//! different by then, what differs is read again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use super::file::{self, Stamp, Unread};
use super::rules::ReadRules;
use super::walk::{Listing, Walk, not_a_file, unreadable};
use crate::change::Look;
use crate::files::{MANIFEST_FILE, ModFile, ModFiles, is_script};
use crate::problem::{Code, Problem};

/// How often a folder that keeps changing is read before it is left for later.
const PASSES_MAX: usize = 5;
/// Problems told of one folder.
const PROBLEMS_MAX: usize = 64;

/// One folder as it was read last.
#[derive(Debug, Default)]
pub(super) struct KnownFolder {
    files: BTreeMap<Arc<str>, KnownFile>,
    pub(super) reading: Arc<ModFiles>,
    /// A manifest that is made for the folder, in place of the one that a mod has.
    made_manifest: Option<ModFile>,
    pub(super) problems: Vec<Problem>,
    pub(super) retry: Vec<Look>,
    /// Whether this folder claims to be a mod: it has a manifest, or something in its place.
    pub(super) has_manifest: bool,
    /// Whether there is code in it.
    pub(super) has_scripts: bool,
}

#[derive(Clone, Debug)]
struct KnownFile {
    stamp: Stamp,
    /// Whether an equal stamp means equal content.
    is_certain: bool,
    file: ModFile,
}

impl KnownFile {
    /// The same file, to be read again at the next look.
    fn as_doubtful(&self) -> KnownFile {
        KnownFile {
            is_certain: false,
            ..self.clone()
        }
    }
}

/// What reading each file of a listing gave.
#[derive(Default)]
struct Pass {
    files: BTreeMap<Arc<str>, KnownFile>,
    /// The stamp of each file as it was read, or refused.
    seen: BTreeMap<Arc<str>, Stamp>,
    problems: Vec<Problem>,
    retry: Vec<Arc<str>>,
    /// Whether any file was read, rather than known.
    has_read: bool,
}

impl KnownFolder {
    pub(super) fn new(folder: &str) -> KnownFolder {
        KnownFolder {
            reading: Arc::new(ModFiles::new(folder)),
            ..KnownFolder::default()
        }
    }

    /// The mods folder itself as if it were a mod, with this manifest.
    pub(super) fn with_manifest(manifest: ModFile) -> KnownFolder {
        KnownFolder {
            made_manifest: Some(manifest),
            ..KnownFolder::new("")
        }
    }

    /// Has the file at `path`, or everything in that folder, read again whatever its stamp says; the
    /// empty path is the whole folder.
    pub(super) fn suspect(&mut self, path: &str) {
        for (known, file) in &mut self.files {
            let rest = known.strip_prefix(path);
            if path.is_empty() || rest.is_some_and(|r| r.is_empty() || r.starts_with('/')) {
                file.is_certain = false;
            }
        }
    }

    /// Brings the reading up to date; `list` lists the folder. Returns whether the folder is there.
    pub(super) fn read(&mut self, walk: &Walk<'_>, list: impl Fn() -> Listing) -> bool {
        let before = self.files.clone();
        let mut listing = list();
        let mut pass = Pass::default();
        for _ in 0..PASSES_MAX {
            if listing.is_missing {
                return false;
            }
            pass = self.pass(&listing, walk);
            if !pass.has_read {
                break;
            }
            self.files.clone_from(&pass.files);
            let again = list();
            let is_same = pass.is_same_as(&again);
            listing = again;
            if is_same {
                break;
            }
        }
        if listing.is_missing {
            return false;
        }
        if pass.has_read && !pass.is_same_as(&listing) {
            pass.give_up_what_keeps_changing(&listing, &before, walk);
        }
        self.keep_what_is_unlisted(&listing, before, &mut pass);
        self.finish(listing, pass, walk);
        true
    }

    fn pass(&self, listing: &Listing, walk: &Walk<'_>) -> Pass {
        let mut pass = Pass::default();
        for (path, listed) in &listing.files {
            let known = self.files.get(path);
            if let Some(known) = known.filter(|k| k.is_certain && k.stamp == listed.stamp) {
                pass.seen.insert(path.clone(), known.stamp);
                pass.files.insert(path.clone(), known.clone());
                continue;
            }
            pass.has_read = true;
            let read_at = SystemTime::now();
            let content = walk.rules.content_of(path, listed.stamp.size());
            match file::read(&listed.real, content) {
                Ok((file, stamp)) => {
                    let same = known.filter(|k| k.file == file);
                    let known = KnownFile {
                        stamp,
                        is_certain: stamp.is_certain(read_at),
                        file: same.map_or(file, |k| k.file.clone()),
                    };
                    pass.seen.insert(path.clone(), stamp);
                    pass.files.insert(path.clone(), known);
                }
                Err(unread) => pass.note(path, listed.stamp, unread, known, walk),
            }
        }
        pass
    }

    /// The files of a folder that can't be listed just now stay as they were.
    fn keep_what_is_unlisted(
        &self,
        listing: &Listing,
        before: BTreeMap<Arc<str>, KnownFile>,
        pass: &mut Pass,
    ) {
        if listing.unreadable.is_empty() {
            return;
        }
        let is_below = |path: &str, folder: &String| {
            let rest = path.strip_prefix(folder.as_str());
            folder.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
        };
        for (path, mut known) in before {
            if listing
                .unreadable
                .iter()
                .any(|folder| is_below(&path, folder))
            {
                known.is_certain = false;
                pass.files.entry(path).or_insert(known);
            }
        }
        let folders = listing
            .unreadable
            .iter()
            .map(|folder| folder.as_str().into());
        pass.retry.extend(folders);
    }

    fn finish(&mut self, listing: Listing, pass: Pass, walk: &Walk<'_>) {
        let mut reading = ModFiles::new(self.reading.folder().clone());
        for (path, known) in &pass.files {
            reading.insert(path.clone(), known.file.clone());
        }
        if let Some(manifest) = &self.made_manifest {
            reading.insert(MANIFEST_FILE, manifest.clone());
        }
        if *self.reading != reading {
            self.reading = Arc::new(reading);
        }
        self.files = pass.files;
        self.problems = listing.problems;
        self.problems.extend(pass.problems);
        self.retry = pass.retry.iter().map(|path| walk.look(path)).collect();
        let manifest = walk.place(MANIFEST_FILE);
        let is_there = |problem: &Problem| problem.place.as_ref() == Some(&manifest);
        self.has_manifest =
            self.reading.get(MANIFEST_FILE).is_some() || self.problems.iter().any(is_there);
        self.has_scripts = self.reading.iter().any(|(path, _)| is_script(path));
        let count = self.problems.len();
        if count > PROBLEMS_MAX {
            self.problems.truncate(PROBLEMS_MAX);
            let because = format!("has {} more such problems", count - PROBLEMS_MAX);
            let problem = Problem::warning(Code::TOO_MANY_FILES, because).at(walk.place(""));
            self.problems
                .push(problem.hint("mend the ones above first"));
        }
    }
}

impl Pass {
    /// Whether the files are still as they were read.
    fn is_same_as(&self, listing: &Listing) -> bool {
        let listed = listing.files.iter().map(|(path, file)| (path, &file.stamp));
        self.seen.iter().eq(listed)
    }

    fn note(
        &mut self,
        path: &Arc<str>,
        stamp: Stamp,
        unread: Unread,
        known: Option<&KnownFile>,
        walk: &Walk<'_>,
    ) {
        let problem = match unread {
            Unread::Gone => return,
            Unread::NotAFile => not_a_file(path, "no longer a file"),
            Unread::TooLarge(limit) => too_large(stamp.size(), limit, walk.rules),
            Unread::Failed(error) => {
                // The cause may pass: what was there stays until then.
                if let Some(known) = known {
                    self.files.insert(path.clone(), known.as_doubtful());
                }
                self.retry.push(path.clone());
                unreadable("can't be read", &error)
            }
        };
        self.seen.insert(path.clone(), stamp);
        self.problems.push(problem.at(walk.place(path)));
    }

    /// A file that changed at every look is taken as it was before, or not at all, and left for later.
    fn give_up_what_keeps_changing(
        &mut self,
        listing: &Listing,
        before: &BTreeMap<Arc<str>, KnownFile>,
        walk: &Walk<'_>,
    ) {
        for (path, listed) in &listing.files {
            if self.seen.get(path) == Some(&listed.stamp) {
                continue;
            }
            match before.get(path) {
                Some(known) => {
                    self.files.insert(path.clone(), known.as_doubtful());
                }
                None => drop(self.files.remove(path)),
            }
            self.retry.push(path.clone());
            let problem = Problem::warning(Code::UNREADABLE, "keeps changing while it is read")
                .at(walk.place(path))
                .hint("it is read again when its writer is done; ignore files that never rest");
            self.problems.push(problem);
        }
        self.files
            .retain(|path, _| listing.files.contains_key(path));
    }
}

pub(super) fn too_large(size: u64, limit: u64, rules: &ReadRules) -> Problem {
    let setting = if limit == rules.max_script_size {
        "max_script_size"
    } else {
        "max_file_size"
    };
    let because = if size > limit {
        format!("has {size} bytes, more than the limit of {limit}")
    } else {
        format!("has more bytes than the limit of {limit}")
    };
    Problem::error(Code::TOO_LARGE, because).hint(format!(
        "split the file, or raise `{setting}` in `lunation.toml`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Root;

    /// Reads a mod of one file twice, with the remembered content forged in between, and returns what
    /// the second reading says.
    fn second_reading(forge: impl Fn(&mut KnownFolder)) -> String {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("a.lua"), "disk").unwrap();
        let rules = ReadRules::default();
        let walk = Walk {
            rules: &rules,
            root: Root::Mods,
            base: root.path(),
            folder: "economy",
        };
        let list = || walk.run("", root.path().to_owned(), |_| {});
        let mut known = KnownFolder::new("economy");
        assert!(known.read(&walk, list));
        for file in known.files.values_mut() {
            file.file = ModFile::text(b"known".to_vec());
            file.is_certain = true;
        }
        forge(&mut known);
        assert!(known.read(&walk, list));
        let content = known.reading.content("a.lua").unwrap();
        String::from_utf8(content.to_vec()).unwrap()
    }

    #[test]
    fn a_file_with_the_same_stamp_is_not_read_again() {
        assert_eq!(second_reading(|_| {}), "known");
        assert_eq!(second_reading(|known| known.suspect("b.lua")), "known");
        assert_eq!(second_reading(|known| known.suspect("a")), "known");
    }

    #[test]
    fn a_suspect_and_a_file_that_was_young_when_read_are_read_again() {
        assert_eq!(second_reading(|known| known.suspect("a.lua")), "disk");
        assert_eq!(second_reading(|known| known.suspect("")), "disk");
        let forget = |known: &mut KnownFolder| {
            known
                .files
                .values_mut()
                .for_each(|file| file.is_certain = false);
        };
        assert_eq!(second_reading(forget), "disk");
    }
}
