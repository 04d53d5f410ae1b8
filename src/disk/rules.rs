//! [`ReadRules`]: what of a mods folder is read, and how much of it at most.

use std::path::Path;
use std::sync::Arc;

use crate::change::Ignore;
use crate::problem::Problem;
use crate::settings::HotReload;

/// The settings of a mods folder, directly in it.
pub const SETTINGS_FILE: &str = "lunation.toml";

/// What of a mods folder is read, and how much of it at most.
#[derive(Clone, Debug)]
pub struct ReadRules {
    /// Paths that never count.
    pub ignore: Arc<Ignore>,
    /// Whether symbolic links are followed, as far as they stay inside.
    pub follow_symlinks: bool,
    /// Whether folders below a mod's own are read.
    pub subdirectories: bool,
    /// Bytes of one asset.
    pub max_file_size: u64,
    /// Bytes of one script, manifest, migration or file of values.
    pub max_script_size: u64,
    /// Files and folders of one mod.
    pub files_max: usize,
    /// Folders within each other, from the mod's own.
    pub depth_max: usize,
    /// Extensions of scripts and values; the content of other files is not kept.
    pub supported_extensions: Vec<String>,
}

impl ReadRules {
    /// The rules that the settings ask for; an ignore pattern that is no glob is a problem.
    pub fn from_settings(settings: &HotReload) -> (ReadRules, Vec<Problem>) {
        let (ignore, problems) = Ignore::new(&settings.ignore_patterns);
        let rules = ReadRules {
            ignore: Arc::new(ignore),
            follow_symlinks: settings.follow_symlinks,
            subdirectories: settings.watch_subdirectories,
            max_file_size: settings.max_file_size,
            max_script_size: settings.max_script_size,
            files_max: 10_000,
            depth_max: 32,
            supported_extensions: settings.supported_extensions.clone(),
        };
        (rules, problems)
    }

    /// The rules where only the file `name` counts, directly in the folder.
    pub fn for_one_file(settings: &HotReload, name: impl Into<Arc<str>>) -> ReadRules {
        let (rules, _) = ReadRules::from_settings(settings);
        ReadRules {
            ignore: Arc::new(Ignore::all_but(name)),
            subdirectories: false,
            ..rules
        }
    }

    /// What becomes of the content of the file at `path`, relative to its mod.
    pub(super) fn content_of(&self, path: &str, size: u64) -> Content {
        let extension = extension(path);
        let is_supported = self.supported_extensions.iter().any(|e| e == extension);
        let limit = self.max_script_size;
        match extension {
            "toml" => Content::Kept(limit),
            _ if path.starts_with("migrations/") => Content::Kept(limit),
            "lua" | "luau" if is_supported => Content::Kept(limit),
            "json" if is_supported && size <= limit => Content::Kept(limit),
            _ => Content::Hashed(self.max_file_size),
        }
    }
}

impl Default for ReadRules {
    fn default() -> ReadRules {
        ReadRules::from_settings(&HotReload::default()).0
    }
}

/// What becomes of a file's content; each with the limit of its size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Used for what Lunation itself works with.
    Kept(u64),
    /// Used for assets: only the hash is.
    Hashed(u64),
}

impl Content {
    pub(super) fn bytes_max(self) -> u64 {
        let (Content::Kept(bytes) | Content::Hashed(bytes)) = self;
        bytes
    }
}

/// Whether a name is one that only a file has: a folder or FIFO of that name stands in its place.
pub(super) fn names_a_file(path: &str) -> bool {
    matches!(extension(path), "lua" | "luau" | "toml")
}

fn extension(path: &str) -> &str {
    let extension = Path::new(path).extension();
    extension.and_then(|e| e.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_of_code_and_values_is_kept_and_that_of_assets_is_not() {
        let rules = ReadRules::default();
        for (path, size, kept) in [
            ("mod.toml", 1, true),
            ("scripts/main.lua", 1, true),
            ("scripts/main.luau", 1, true),
            ("migrations/0002-x.txt", 1, true),
            ("data/table.json", 1, true),
            ("data/table.json", rules.max_script_size + 1, false),
            ("assets/tree.png", 1, false),
            ("LICENSE", 1, false),
        ] {
            let content = rules.content_of(path, size);
            assert_eq!(matches!(content, Content::Kept(_)), kept, "{path} {size}");
        }
    }

    #[test]
    fn an_extension_that_the_settings_leave_out_is_an_asset() {
        let rules = ReadRules {
            supported_extensions: vec!["lua".to_owned()],
            ..ReadRules::default()
        };
        let asset = Content::Hashed(rules.max_file_size);
        assert_eq!(rules.content_of("a.luau", 1), asset);
        assert_ne!(rules.content_of("a.lua", 1), asset);
        assert_ne!(rules.content_of("mod.toml", 1), asset);
    }
}
