//! What a player has chosen: a [`Profile`], `profiles/NAME.toml` beside the mods folder, and the [`Lock`],
//! which says exactly which mods there were.
//!
//! ```text
//! text of a profile → parse → Profile → Rules (what is resolved), Override (what config values are)
//! Resolution + ModFiles → Lock → text → Lock → drift against another Resolution
//! ```
//!
//! Both are the player's own: no update of a mod touches them. `edit` changes one thing in the text of a
//! profile and leaves the rest as it is.

mod drift;
mod edit;
mod lock;
mod name;
mod parse;
#[cfg(feature = "schema")]
mod schema;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use semver::VersionReq;

use crate::config::Override;
use crate::files::ContentHash;
use crate::mod_id::ModId;
use crate::near::near;
use crate::problem::{Code, Place, Problem};
use crate::resolve::Rules;

pub use edit::{NEW_PROFILE, set_value, switch};
pub use lock::{LOCK_BYTES_MAX, LOCK_FILE, Lock, LockedMod};
pub use name::{InvalidProfileName, ProfileName};
#[cfg(feature = "schema")]
pub use schema::json_schema;

/// The largest profile, in bytes; the limit of a manifest, for the same reason.
pub const PROFILE_BYTES_MAX: usize = 64 * 1024;

/// What a player has chosen, in `profiles/NAME.toml`. [`Profile::default`] chooses nothing: all mods.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// The mods that are asked for, with what they need; `None`: all.
    pub mods: Option<BTreeSet<ModId>>,
    /// The mods that are switched off.
    pub disabled: BTreeSet<ModId>,
    /// Mods that load in this order, whatever their authors wish.
    pub order: Vec<ModId>,
    /// The versions that the player allows.
    pub pins: BTreeMap<ModId, VersionReq>,
    /// Values that go over the player's own files.
    pub config: BTreeMap<ModId, Vec<Override>>,
    /// Where each mod is first named.
    places: BTreeMap<ModId, Place>,
}

impl Profile {
    /// What a resolution abides by with this profile on; what it does not speak of stays as in `rules`.
    pub fn rules(&self, rules: Rules) -> Rules {
        Rules {
            wanted: self.mods.clone(),
            disabled: self.disabled.clone(),
            pins: self.pins.clone(),
            order: self.order.clone(),
            ..rules
        }
    }

    /// The values that go over the player's own file of a mod.
    pub fn overrides(&self, mod_id: &ModId) -> &[Override] {
        self.config.get(mod_id).map_or(&[], Vec::as_slice)
    }

    /// One hash for the values of a mod, wherever they are written; `None` if there are none.
    pub fn values_hash(&self, mod_id: &ModId) -> Option<ContentHash> {
        let values = self.config.get(mod_id)?;
        let values: Vec<_> = values.iter().map(|own| (&own.key, &own.value)).collect();
        // Scalars and lists of them can always be written.
        let text = serde_json::to_vec(&values).unwrap_or_default();
        (!values.is_empty()).then(|| ContentHash::of(&text))
    }

    /// The mods that are named here and are not among `known`, each with the near name: an error for those
    /// that are asked for.
    pub fn unknown<'k>(&self, known: impl Iterator<Item = &'k ModId> + Clone) -> Vec<Problem> {
        let ids: BTreeSet<&ModId> = known.clone().collect();
        let places = self.places.iter().filter(|(id, _)| !ids.contains(id));
        places
            .map(|(id, place)| {
                let is_wanted = self.mods.as_ref().is_some_and(|mods| mods.contains(id));
                let because = format!("names `{id}`, a mod that is not in the folder");
                let problem = match is_wanted {
                    true => Problem::error(Code::UNKNOWN_MOD, because),
                    false => Problem::warning(Code::UNKNOWN_MOD, because),
                };
                let hint = match near(id.as_str(), known.clone().map(ModId::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "put that mod into the mods folder, or take the name out".to_owned(),
                };
                problem.at(place.clone()).hint(hint)
            })
            .collect()
    }
}
