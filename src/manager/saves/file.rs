//! [`SaveFile`]: a save taken apart, for those who look into it or change it without a game.

use semver::Version;

use crate::manager::running::Parked;
use crate::mod_id::ModId;
use crate::settings::StateCompression;
use crate::state::Image;

use super::{decode, encode};

/// A save taken apart: the state of each mod.
///
/// ```
/// use lunation::{ModManager, SaveFile};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut mods = ModManager::builder("mods").build()?;
/// let save = SaveFile::read(&mods.save().bytes)?;
/// for saved in &save.mods {
///     println!("{} {}: {}", saved.mod_id, saved.version, saved.live.value("state", "count")?);
/// }
/// assert_eq!(SaveFile::read(&save.to_bytes())?.mods.len(), save.mods.len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct SaveFile {
    /// The state of each mod, in the order of the file.
    pub mods: Vec<SavedMod>,
}

/// The state of one mod in a save.
#[derive(Clone, Debug)]
pub struct SavedMod {
    /// The mod.
    pub mod_id: ModId,
    /// The version of the mod that made the state.
    pub version: Version,
    /// The state that the code began with.
    pub base: Image,
    /// The state as it was when it was saved.
    pub live: Image,
}

/// Why bytes are no save; completes "the save can't be read because it …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSave(String);

impl SaveFile {
    /// Takes a save apart. Any bytes may be given: nothing in them is believed before it is checked.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn read(bytes: &[u8]) -> Result<SaveFile, BadSave> {
        let states = decode(bytes).map_err(BadSave)?;
        let mods = states.into_iter().map(|(mod_id, parked)| SavedMod {
            mod_id,
            version: parked.version,
            base: parked.base,
            live: parked.live,
        });
        Ok(SaveFile {
            mods: mods.collect(),
        })
    }

    /// The save as [`ModManager::restore`](crate::ModManager::restore) takes it, not compressed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let states = self.mods.iter().map(|saved| {
            let parked = Parked {
                base: saved.base.clone(),
                live: saved.live.clone(),
                version: saved.version.clone(),
            };
            (&saved.mod_id, parked)
        });
        let states: Vec<(&ModId, Parked)> = states.collect();
        let states = states.iter().map(|(mod_id, parked)| (*mod_id, parked));
        encode(states, StateCompression::None)
    }

    /// The state of the mod, if it is in the save.
    pub fn get(&self, mod_id: &str) -> Option<&SavedMod> {
        self.mods
            .iter()
            .find(|saved| saved.mod_id.as_str() == mod_id)
    }
}
