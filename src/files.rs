//! [`ModFiles`]: one consistent reading of a mod's folder, in memory, by content hash.
//!
//! Everything that is decided about a mod is decided from such a reading, never from the disk, so a
//! file that changes meanwhile can't be half seen.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The BLAKE3 hash of a file's content.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> ContentHash {
        ContentHash(*blake3::hash(bytes).as_bytes())
    }

    /// A hash that was computed piece by piece.
    pub fn from_bytes(bytes: [u8; 32]) -> ContentHash {
        ContentHash(bytes)
    }

    /// Its bytes, for a record on disk.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4]
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The manifest, in a mod's folder.
pub const MANIFEST_FILE: &str = "mod.toml";

/// The values that a mod ships, in its folder.
pub const CONFIG_FILE: &str = "config.toml";

/// Whether the file at `path` is a script, by its extension.
pub fn is_script(path: &str) -> bool {
    path.ends_with(".lua") || path.ends_with(".luau")
}

/// One file of a mod, as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModFile {
    /// The hash of the content.
    pub hash: ContentHash,
    /// The size in bytes.
    pub size: u64,
    /// The content, for the files that Lunation itself works with (manifest, scripts, config,
    /// migrations). `None` for assets: they are read when somebody asks.
    pub content: Option<Arc<[u8]>>,
}

impl ModFile {
    /// A file whose content is kept.
    pub fn text(content: impl Into<Arc<[u8]>>) -> ModFile {
        let content = content.into();
        ModFile {
            hash: ContentHash::of(&content),
            size: content.len() as u64,
            content: Some(content),
        }
    }
}

/// One consistent reading of a mod's folder.
///
/// Paths are relative to the mod, with `/`, UTF-8, without `.` or `..`. Cloning is cheap enough to keep a
/// reading for each generation: contents are shared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModFiles {
    /// The name of the mod's folder in the mods folder; empty for the mods folder itself.
    folder: Arc<str>,
    files: BTreeMap<Arc<str>, ModFile>,
}

impl ModFiles {
    /// An empty reading of the folder named `folder`.
    pub fn new(folder: impl Into<Arc<str>>) -> ModFiles {
        ModFiles {
            folder: folder.into(),
            files: BTreeMap::new(),
        }
    }

    /// The name of the mod's folder.
    pub fn folder(&self) -> &Arc<str> {
        &self.folder
    }

    /// Puts a file in, in place of one with the same path.
    pub fn insert(&mut self, path: impl Into<Arc<str>>, file: ModFile) {
        self.files.insert(path.into(), file);
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) -> Option<ModFile> {
        self.files.remove(path)
    }

    /// The file at `path`.
    pub fn get(&self, path: &str) -> Option<&ModFile> {
        self.files.get(path)
    }

    /// The kept content of the file at `path`.
    pub fn content(&self, path: &str) -> Option<&Arc<[u8]>> {
        self.files.get(path)?.content.as_ref()
    }

    /// Every file, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &ModFile)> {
        self.files.iter()
    }

    /// `path` as people see it: relative to the mods folder, `economy/scripts/main.lua`.
    pub fn display_path(&self, path: &str) -> Arc<str> {
        display_path(&self.folder, path).into()
    }

    /// One hash for the whole reading: equal exactly if paths and contents are.
    pub fn hash(&self) -> ContentHash {
        let mut hasher = blake3::Hasher::new();
        for (path, file) in &self.files {
            hasher.update(&(path.len() as u64).to_le_bytes());
            hasher.update(path.as_bytes());
            hasher.update(&file.hash.0);
        }
        ContentHash(*hasher.finalize().as_bytes())
    }

    /// What is different in `newer`, by path.
    pub fn changes_to<'a>(&'a self, newer: &'a ModFiles) -> Vec<FileChange> {
        let mut changes = Vec::new();
        for (path, file) in &newer.files {
            match self.files.get(path) {
                None => changes.push(FileChange {
                    path: path.clone(),
                    kind: FileChangeKind::Added,
                }),
                Some(old) if old.hash != file.hash => {
                    changes.push(FileChange {
                        path: path.clone(),
                        kind: FileChangeKind::Edited,
                    });
                }
                Some(_) => {}
            }
        }
        for path in self
            .files
            .keys()
            .filter(|path| !newer.files.contains_key(*path))
        {
            changes.push(FileChange {
                path: path.clone(),
                kind: FileChangeKind::Deleted,
            });
        }
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        changes
    }
}

/// `path` in `folder` as people see it. The empty folder is the mods folder itself: a single script lies
/// directly in it.
pub(crate) fn display_path(folder: &str, path: &str) -> String {
    if folder.is_empty() {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    }
}

/// One file that is different between two readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The path, relative to the mod.
    pub path: Arc<str>,
    /// What happened to it.
    pub kind: FileChangeKind,
}

/// What happened to a file between two readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum FileChangeKind {
    /// Used for a path that the older reading did not have.
    Added,
    /// Used for a path whose content hash differs.
    Edited,
    /// Used for a path that the newer reading does not have.
    Deleted,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(entries: &[(&str, &str)]) -> ModFiles {
        let mut files = ModFiles::new("economy");
        for (path, content) in entries {
            files.insert(*path, ModFile::text(content.as_bytes().to_vec()));
        }
        files
    }

    #[test]
    fn added_edited_and_deleted_files_are_found_by_content() {
        let old = files(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let new = files(&[("b", "2"), ("c", "1"), ("d", "1")]);
        let kinds: Vec<_> = old
            .changes_to(&new)
            .into_iter()
            .map(|c| (c.path.to_string(), c.kind))
            .collect();
        assert_eq!(
            kinds,
            [
                ("a".to_owned(), FileChangeKind::Deleted),
                ("b".to_owned(), FileChangeKind::Edited),
                ("d".to_owned(), FileChangeKind::Added),
            ]
        );
    }

    #[test]
    fn the_whole_hash_tells_paths_and_contents_apart() {
        assert_eq!(files(&[("a", "1")]).hash(), files(&[("a", "1")]).hash());
        assert_ne!(files(&[("a", "1")]).hash(), files(&[("a", "2")]).hash());
        assert_ne!(files(&[("a", "1")]).hash(), files(&[("b", "1")]).hash());
    }
}
