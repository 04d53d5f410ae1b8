//! [`Change`]: one file that differs between two readings, and what that asks for.

use std::sync::Arc;

use serde::Serialize;

use super::classify::{Classifier, Kind, Rule};
use crate::files::{FileChangeKind, ModFile, ModFiles};

/// One file of a mod that differs between two readings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// The file, relative to the mod.
    pub path: Arc<str>,
    /// What the change asks for.
    pub kind: Kind,
    /// The rule that decided `kind`.
    pub rule: Rule,
    /// What happened to the file.
    pub file_change: FileChangeKind,
}

/// What differs in `new`, by content, in the order of the paths. `assets` are the globs of the mod's
/// manifest.
pub fn changes(old: &ModFiles, new: &ModFiles, assets: &[String]) -> Vec<Change> {
    let files = old.changes_to(new);
    if files.is_empty() {
        return Vec::new();
    }
    let classifier = Classifier::new(assets);
    let change = |file: crate::files::FileChange| {
        let (kind, rule) = classifier.classify(&file.path);
        Change {
            path: file.path,
            kind,
            rule,
            file_change: file.kind,
        }
    };
    files.into_iter().map(change).collect()
}

/// Whether a file looks as if its writer were between two steps: it is empty or missing where it had
/// text (saved by truncate-then-write, or by delete-then-rename). Such a file waits one more quiet
/// period.
fn is_suspicious(old: Option<&ModFile>, new: Option<&ModFile>) -> bool {
    old.is_some_and(|file| file.size > 0) && new.is_none_or(|file| file.size == 0)
}

/// The paths, relative to the mod, of files in `new` that look as if their writer were between two steps:
/// empty or missing where they had text. A missing mod has no files. See [`super::Settle::hold`].
pub fn doubtful(old: &ModFiles, new: Option<&ModFiles>) -> Vec<Arc<str>> {
    old.iter()
        .filter(|(path, file)| is_suspicious(Some(file), new.and_then(|new| new.get(path))))
        .map(|(path, _)| path.clone())
        .collect()
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
    fn changes_are_classified_and_unchanged_content_is_none() {
        let old = files(&[("mod.toml", "1"), ("scripts/main.lua", "1"), ("a.png", "1")]);
        let new = files(&[("mod.toml", "1"), ("scripts/main.lua", "2"), ("b.lua", "1")]);
        let found: Vec<_> = changes(&old, &new, &["b.lua".to_owned()])
            .into_iter()
            .map(|c| (c.path.to_string(), c.kind, c.file_change))
            .collect();
        assert_eq!(
            found,
            [
                ("a.png".to_owned(), Kind::Asset, FileChangeKind::Deleted),
                ("b.lua".to_owned(), Kind::Asset, FileChangeKind::Added),
                (
                    "scripts/main.lua".to_owned(),
                    Kind::Script,
                    FileChangeKind::Edited
                ),
            ]
        );
        assert_eq!(changes(&new, &new, &[]), []);
    }

    #[test]
    fn a_file_that_lost_its_text_is_suspicious_and_one_that_never_had_any_is_not() {
        let text = ModFile::text(b"x".to_vec());
        let empty = ModFile::text(Vec::new());
        for (old, new, expected) in [
            (Some(&text), Some(&empty), true),
            (Some(&text), None, true),
            (Some(&text), Some(&text), false),
            (Some(&empty), Some(&empty), false),
            (Some(&empty), None, false),
            (None, Some(&empty), false),
            (None, None, false),
        ] {
            assert_eq!(is_suspicious(old, new), expected, "{old:?} {new:?}");
        }
    }

    #[test]
    fn every_file_with_text_of_a_missing_mod_is_doubtful() {
        let old = files(&[("mod.toml", "1"), ("a", ""), ("b", "1")]);
        let paths = |new| {
            let found = doubtful(&old, new);
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(paths(None), ["b", "mod.toml"]);
        assert_eq!(
            paths(Some(&files(&[("mod.toml", ""), ("b", "2")]))),
            ["mod.toml"]
        );
    }
}
