//! [`Walk`]: lists what is in one mod's folder: in order, within limits, never through a link that
//! leads out. Reader and watcher see the same tree because both walk it this way.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::file::Stamp;
use super::rules::{ReadRules, names_a_file};
use crate::change::{Look, Root};
use crate::problem::{Code, Place, Problem, is_shown, one_line};

/// How one folder is walked.
pub(super) struct Walk<'a> {
    pub(super) rules: &'a ReadRules,
    pub(super) root: Root,
    /// The root, canonical; links must stay inside it.
    pub(super) base: &'a Path,
    /// The mod's folder in the root; empty for the root itself.
    pub(super) folder: &'a str,
}

/// What was found, by paths relative to the mod.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) files: BTreeMap<Arc<str>, ListedFile>,
    /// Links that were followed: their real target, and where they stand.
    pub(super) links: Vec<(PathBuf, Look)>,
    /// Folders that could not be listed.
    pub(super) unreadable: Vec<String>,
    pub(super) problems: Vec<Problem>,
    /// Whether the folder that the walk began with is not there.
    pub(super) is_missing: bool,
}

#[derive(Debug)]
pub(super) struct ListedFile {
    /// Where to read it; not a link.
    pub(super) real: PathBuf,
    pub(super) stamp: Stamp,
}

/// A folder still to be listed.
struct Folder {
    path: String,
    real: PathBuf,
    /// The folders in which links were followed on the way here.
    via: Rc<[PathBuf]>,
}

impl Walk<'_> {
    /// Walks from `start`, a path relative to the mod (empty for its folder) that is `real` on disk.
    /// `on_folder` is called with each folder before it is listed.
    pub(super) fn run(
        &self,
        start: &str,
        real: PathBuf,
        mut on_folder: impl FnMut(&Path),
    ) -> Listing {
        let mut listing = Listing::default();
        let mut entries_left = self.rules.files_max;
        let mut folders = vec![Folder {
            path: start.to_owned(),
            real,
            via: Rc::new([]),
        }];
        while let Some(folder) = folders.pop() {
            on_folder(&folder.real);
            let names = match self.names(&folder, entries_left, &mut listing) {
                Ok(names) => names,
                Err(error) => {
                    self.note_unlisted(&folder, start, &error, &mut listing);
                    continue;
                }
            };
            let mut below = Vec::new();
            for (name, entry) in names {
                if entries_left == 0 {
                    let most = self.rules.files_max;
                    listing.problems.push(
                        Problem::error(
                            Code::TOO_MANY_FILES,
                            format!("has more than {most} files and folders"),
                        )
                        .at(self.place(""))
                        .hint(
                            "move what the mod does not need out, or ignore it in `lunation.toml`",
                        ),
                    );
                    return listing;
                }
                entries_left -= 1;
                let path = join(&folder.path, &name);
                if let Some(found) = self.entry(&folder, path, &entry, &mut listing) {
                    below.push(found);
                }
            }
            folders.extend(below.into_iter().rev());
        }
        listing
    }

    /// What people see of a path relative to the mod.
    pub(super) fn look(&self, path: &str) -> Look {
        Look {
            root: self.root,
            path: match (self.folder, path) {
                ("", path) => path.into(),
                (folder, "") => folder.into(),
                (folder, path) => join(folder, path).into(),
            },
        }
    }

    pub(super) fn place(&self, path: &str) -> Place {
        Place::file(self.look(path).to_string())
    }

    /// The entries that count, by name.
    fn names(
        &self,
        folder: &Folder,
        entries_left: usize,
        listing: &mut Listing,
    ) -> io::Result<Vec<(String, DirEntry)>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder.real)? {
            let entry = entry?;
            let name = match plain_name(entry.file_name()) {
                Ok(name) => name,
                Err(name) => {
                    let path = join(&folder.path, &name);
                    if !self.rules.ignore.hides(&self.look(&path).path) {
                        listing.problems.push(bad_name(self.place(&path)));
                    }
                    continue;
                }
            };
            let path = self.look(&join(&folder.path, &name)).path;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if self.rules.ignore.matches(&path, is_folder) {
                continue;
            }
            names.push((name, entry));
            if names.len() > entries_left {
                break;
            }
        }
        names.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(names)
    }

    /// Notes a file; returns a folder to descend into.
    fn entry(
        &self,
        folder: &Folder,
        path: String,
        entry: &DirEntry,
        listing: &mut Listing,
    ) -> Option<Folder> {
        let kind = entry.file_type().ok()?;
        if kind.is_symlink() {
            return self.link(folder, path, &entry.path(), listing);
        }
        let via = folder.via.clone();
        if kind.is_dir() {
            return self.descend(path, entry.path(), via, listing);
        }
        let real = entry.path();
        if !kind.is_file() {
            let problem = not_a_file(&path, "a FIFO, socket or device").at(self.place(&path));
            listing.problems.push(problem);
        } else if let Ok(metadata) = entry.metadata() {
            let stamp = Stamp::of(&metadata);
            listing
                .files
                .insert(path.into(), ListedFile { real, stamp });
        }
        None
    }

    fn descend(
        &self,
        path: String,
        real: PathBuf,
        via: Rc<[PathBuf]>,
        listing: &mut Listing,
    ) -> Option<Folder> {
        if names_a_file(&path) {
            let problem = not_a_file(&path, "a folder").at(self.place(&path));
            listing.problems.push(problem);
            return None;
        }
        if !self.rules.subdirectories {
            return None;
        }
        let depth_max = self.rules.depth_max;
        if path.split('/').count() > depth_max {
            let because = format!("is more than {depth_max} folders deep");
            let problem = Problem::error(Code::TOO_MANY_FILES, because).at(self.place(&path));
            listing
                .problems
                .push(problem.hint("make the tree of folders flatter"));
            return None;
        }
        Some(Folder { path, real, via })
    }

    fn link(
        &self,
        folder: &Folder,
        path: String,
        link: &Path,
        listing: &mut Listing,
    ) -> Option<Folder> {
        let target = match self.target(link, folder) {
            Ok(target) => target,
            Err(problem) => {
                listing.problems.push(problem.at(self.place(&path)));
                return None;
            }
        };
        let metadata = fs::symlink_metadata(&target).ok()?;
        let look = self.look(&path);
        if metadata.is_dir() && self.rules.ignore.matches(&look.path, true) {
            return None;
        }
        listing.links.push((target.clone(), look));
        if metadata.is_dir() {
            let via = folder.via.iter().chain([&folder.real]).cloned().collect();
            return self.descend(path, target, via, listing);
        }
        if metadata.is_file() {
            let stamp = Stamp::of(&metadata);
            let real = target;
            listing
                .files
                .insert(path.into(), ListedFile { real, stamp });
        } else {
            let problem = not_a_file(&path, "a link to a FIFO, socket or device");
            listing.problems.push(problem.at(self.place(&path)));
        }
        None
    }

    /// Where a link leads, if it may be followed.
    fn target(&self, link: &Path, folder: &Folder) -> Result<PathBuf, Problem> {
        let target = follow(link, self.base, self.rules.follow_symlinks)?;
        let mut entered = folder.via.iter().chain([&folder.real]);
        if entered.any(|real| real.starts_with(&target)) {
            return Err(Problem::warning(
                Code::LINK_REFUSED,
                "is a symbolic link to a folder that contains it",
            )
            .hint("remove the link, or let it lead to another folder"));
        }
        Ok(target)
    }

    fn note_unlisted(
        &self,
        folder: &Folder,
        start: &str,
        error: &io::Error,
        listing: &mut Listing,
    ) {
        let is_gone = matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
        );
        if is_gone {
            listing.is_missing |= folder.path == start;
            return;
        }
        let problem = unreadable("can't be listed", error).at(self.place(&folder.path));
        listing.problems.push(problem);
        listing.unreadable.push(folder.path.clone());
    }
}

/// The canonical target of a link, if links are followed and it stays inside of `base`.
pub(super) fn follow(link: &Path, base: &Path, follow_symlinks: bool) -> Result<PathBuf, Problem> {
    if !follow_symlinks {
        let because = "is a symbolic link, which is not followed";
        return Err(Problem::warning(Code::LINK_REFUSED, because).hint(
            "put the file itself there, or set `follow_symlinks = true` in `lunation.toml`",
        ));
    }
    let target = link.canonicalize().map_err(|error| {
        let because = format!("is a symbolic link that leads nowhere ({})", error.kind());
        Problem::warning(Code::LINK_REFUSED, because).hint("remove the link or mend its target")
    })?;
    if !target.starts_with(base) || target == base {
        let because = "is a symbolic link that leads out of the folder";
        return Err(Problem::warning(Code::LINK_REFUSED, because)
            .hint("links are followed only inside of the mods folder: put the file itself there"));
    }
    Ok(target)
}

pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

pub(super) fn unreadable(what: &str, error: &io::Error) -> Problem {
    Problem::error(Code::UNREADABLE, format!("{what}: {}", error.kind()))
        .hint("check the permissions; it is tried again by itself")
}

/// The name of a file or folder; `Err` with the nearest text if messages could not show it.
pub(super) fn plain_name(name: OsString) -> Result<String, String> {
    let name = name
        .into_string()
        .map_err(|name| name.to_string_lossy().into_owned())?;
    match name.chars().all(is_shown) {
        true => Ok(name),
        false => Err(name),
    }
}

pub(super) fn bad_name(place: Place) -> Problem {
    let because = "has a name that is not UTF-8, or that has characters which no line can show";
    Problem::warning(Code::BAD_FILE_NAME, because)
        .at(Place::file(one_line(&place.file)))
        .hint("rename it with letters that every system can write")
}

pub(super) fn not_a_file(path: &str, what: &str) -> Problem {
    let because = format!("is {what}, not a file");
    let problem = if names_a_file(path) {
        Problem::error(Code::NOT_A_FILE, because)
    } else {
        Problem::warning(Code::NOT_A_FILE, because)
    };
    problem.hint("put a regular file there, or ignore it in `lunation.toml`")
}
