//! [`FileEvent`]: something happened to a file; it says where to look, never what is true.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The folder that a path is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// Used for everything in the mods folder.
    Mods,
    /// Used for the player's own values, in the folder beside it.
    PlayerConfig,
    /// Used for the player's profiles, in another folder beside it.
    Profiles,
}

impl Root {
    /// Every root.
    pub const ALL: [Root; 3] = [Root::Mods, Root::PlayerConfig, Root::Profiles];
}

/// A place to look at: a file, or a folder with everything in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Look {
    /// The folder that `path` is relative to.
    pub root: Root,
    /// The path with `/`; empty for the root itself.
    pub path: Arc<str>,
}

impl Look {
    /// A place in the mods folder: `economy/scripts/main.lua`.
    pub fn mods(path: impl Into<Arc<str>>) -> Look {
        Look {
            root: Root::Mods,
            path: path.into(),
        }
    }

    /// A place among the player's own values: `economy.toml`.
    pub fn player_config(path: impl Into<Arc<str>>) -> Look {
        Look {
            root: Root::PlayerConfig,
            path: path.into(),
        }
    }

    /// One of the player's profiles: `winter.toml`.
    pub fn profiles(path: impl Into<Arc<str>>) -> Look {
        Look {
            root: Root::Profiles,
            path: path.into(),
        }
    }

    /// The first part of the path: the mod's folder, or the name of a file beside the mods.
    pub fn first_part(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Look {
    /// As people see it: `economy/mod.toml`, or `config/economy.toml` for the player's values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.root {
            Root::Mods => f.write_str(&self.path),
            Root::PlayerConfig => write!(f, "config/{}", self.path),
            Root::Profiles => write!(f, "profiles/{}", self.path),
        }
    }
}

/// Something happened to a file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEvent {
    /// Where.
    pub look: Look,
    /// What, as far as the system told.
    pub kind: FileEventKind,
    /// When, since the start of the watcher's clock.
    pub at: Duration,
}

/// What happened to a file or folder, as far as the system told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileEventKind {
    /// Used for a file that was closed after writing: it is complete.
    Closed,
    /// Used for a file or folder that was renamed into place: it is complete.
    Renamed,
    /// Used for a file or folder that is gone, or was renamed away.
    Removed,
    /// Used for a changed mode, owner or time stamp: it says nothing of a write in progress.
    Attributes,
    /// Used for a file that is new and perhaps still being written.
    Created,
    /// Used for a file whose content changes: its writer still has it open.
    Touched,
    /// Used for a new folder: what was made in it before it was watched gives no events.
    FolderCreated,
    /// Used when events were lost: everything is looked at again. The path does not matter.
    Rescan,
    /// Used where the system tells nothing: it is time to look at everything again. The path does not matter.
    Poll,
}

impl FileEventKind {
    /// Whether more is expected: a write in progress, or a folder that is being filled.
    pub(super) fn is_unfinished(self) -> bool {
        matches!(
            self,
            FileEventKind::Created | FileEventKind::Touched | FileEventKind::FolderCreated
        )
    }
}
