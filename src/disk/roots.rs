//! [`Roots`]: the folders that are followed.

use std::path::{Path, PathBuf};

use crate::change::Root;

/// The folders that are followed. None of them has to exist.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    /// The mods.
    pub mods: PathBuf,
    /// The player's own values, `ID.toml`.
    pub player_config: PathBuf,
    /// The player's profiles, `NAME.toml`.
    pub profiles: PathBuf,
}

impl Roots {
    /// Where they are unless somebody says otherwise: `config` and `profiles` beside the mods folder.
    pub fn beside(mods: impl Into<PathBuf>) -> Roots {
        let mods = mods.into();
        let beside = |name: &str| match mods.parent() {
            Some(parent) => parent.join(name),
            None => name.into(),
        };
        Roots {
            player_config: beside("config"),
            profiles: beside("profiles"),
            mods,
        }
    }

    /// The folder of a root.
    pub fn get(&self, root: Root) -> &Path {
        match root {
            Root::Mods => &self.mods,
            Root::PlayerConfig => &self.player_config,
            Root::Profiles => &self.profiles,
        }
    }
}
