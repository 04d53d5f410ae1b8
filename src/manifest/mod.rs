//! What a mod says of itself: [`Manifest`], read from the text of a `mod.toml` with every problem at
//! once and a place for each.
//!
//! [`parse()`] reads the text, [`candidates()`] that of an index of many mods; [`ConfigKind::accept`]
//! decides whether a value fits a config option. With the feature `schema`, `json_schema` describes the same format for editors.

mod candidates;
mod kind;
mod options;
mod parse;
mod relations;
#[cfg(feature = "schema")]
mod schema;

use std::sync::Arc;

use semver::{Version, VersionReq};

use crate::mod_id::ModId;
use crate::problem::Place;
use crate::settings::HotReload;
use crate::value::Value;

pub use candidates::{CANDIDATES_BYTES_MAX, candidates};
pub use kind::Misfit;
pub use parse::parse;
pub(crate) use parse::{id_hint, mod_id, version, versions};
#[cfg(feature = "schema")]
pub use schema::json_schema;
#[cfg(feature = "schema")]
pub(crate) use schema::{ByModId, Requirement as RequirementSchema, Scalar, without_null};

/// What a mod says of itself in `mod.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The name that other mods use.
    pub id: ModId,
    /// The name that people read; the id where the manifest gives none.
    pub name: String,
    /// The version of the mod.
    pub version: Version,
    /// One sentence about the mod; may be empty.
    pub description: String,
    /// Who made it.
    pub authors: Vec<String>,
    /// An SPDX expression.
    pub license: Option<String>,
    /// The script that runs first, relative to the mod: `scripts/main.lua`.
    pub entry: Arc<str>,
    /// Which versions of the host's API the mod works with.
    pub game: Option<Requirement>,
    /// Other names under which this mod can be depended on, with the version of that interface.
    pub provides: Vec<Provided>,
    /// The mods that this one uses.
    pub dependencies: Vec<Dependency>,
    /// The mods that this one can't run beside.
    pub conflicts: Vec<Conflict>,
    /// Order hints that hold when the other mod is present.
    pub order: Order,
    /// What the mod asks of the host.
    pub capabilities: Capabilities,
    /// The config values that a player may change.
    pub config: Vec<ConfigOption>,
    /// Globs of the files that are assets whatever their extension says.
    pub assets: Vec<String>,
    /// Settings of `lunation.toml` that this mod overrides.
    pub hot_reload: HotReloadOverrides,
    /// Where the manifest is: `economy/mod.toml`.
    pub place: Place,
}

/// A semver requirement and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// The accepted versions.
    pub versions: VersionReq,
    /// Where the manifest says so.
    pub place: Place,
}

/// A name under which a mod can be depended on.
#[derive(Clone, Debug, PartialEq)]
pub struct Provided {
    /// The name.
    pub id: ModId,
    /// The version of that interface.
    pub version: Version,
    /// Where the manifest says so.
    pub place: Place,
}

/// A mod that another one uses.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    /// The id, or a provided name.
    pub id: ModId,
    /// The accepted versions.
    pub versions: VersionReq,
    /// Whether the mod works without it.
    pub optional: bool,
    /// Why, in the author's words.
    pub reason: Option<String>,
    /// Where the manifest says so.
    pub place: Place,
}

/// A mod that another one can't run beside.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The id, or a provided name.
    pub id: ModId,
    /// The versions in conflict.
    pub versions: VersionReq,
    /// Why, in the author's words.
    pub reason: Option<String>,
    /// Where the manifest says so.
    pub place: Place,
}

/// Order hints that hold when the other mod is present.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Order {
    /// Mods that load before this one.
    pub after: Vec<OrderHint>,
    /// Mods that load after this one.
    pub before: Vec<OrderHint>,
}

/// One order hint.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderHint {
    /// The other mod.
    pub id: ModId,
    /// Where the manifest says so.
    pub place: Place,
}

/// What a mod asks of the host, such as `colony.jobs`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capabilities {
    /// Without these the mod can't run.
    pub required: Vec<Capability>,
    /// Nice to have.
    pub optional: Vec<Capability>,
}

/// One capability that a mod asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Capability {
    /// The name: `colony.jobs`.
    pub name: String,
    /// Where the manifest says so.
    pub place: Place,
}

impl Capabilities {
    /// Everything that the mod asks for.
    pub fn all(&self) -> impl Iterator<Item = &Capability> {
        self.required.iter().chain(&self.optional)
    }
}

/// One config value that a player may change: `[config.tax_rate]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigOption {
    /// The key: `tax_rate`.
    pub key: String,
    /// What values it takes.
    pub kind: ConfigKind,
    /// The value where nobody sets one. It fits `kind`.
    pub default: Value,
    /// The name that people read; the key where the manifest gives none.
    pub label: String,
    /// What it does; may be empty.
    pub description: String,
    /// How a change takes effect.
    pub apply: Apply,
    /// Where the manifest says so.
    pub place: Place,
}

/// What values a config option takes.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigKind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int {
        /// The smallest value.
        min: Option<i64>,
        /// The largest value.
        max: Option<i64>,
        /// The distance of neighbouring values, for sliders.
        step: Option<i64>,
    },
    /// A number.
    Float {
        /// The smallest value.
        min: Option<f64>,
        /// The largest value.
        max: Option<f64>,
        /// The distance of neighbouring values, for sliders.
        step: Option<f64>,
    },
    /// A text.
    String {
        /// The most characters.
        max_length: Option<usize>,
    },
    /// One of a list of texts.
    Enum {
        /// The texts.
        values: Vec<String>,
    },
    /// `#rrggbb` or `#rrggbbaa`.
    Color,
    /// A list of values of one kind.
    List {
        /// The kind of each item; never a list itself.
        items: Box<ConfigKind>,
        /// The most items.
        max_length: Option<usize>,
    },
}

/// How a change of a config value takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Apply {
    /// Used by default: in place, followed by `mod.on_config`.
    Live,
    /// Used for values that only top-level code reads: the mod is reloaded.
    Reload,
}

/// Settings of `lunation.toml` that a mod overrides for itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HotReloadOverrides {
    /// Whether changes of this mod are applied.
    pub enabled: Option<bool>,
    /// Milliseconds; see [`crate::settings::HotReload::debounce_delay`].
    pub debounce_delay: Option<u64>,
    /// What a reload carries.
    pub carry: Option<crate::settings::Carry>,
    /// What happens to a value that can't be carried.
    pub on_uncarryable: Option<crate::settings::OnUncarryable>,
}

impl HotReloadOverrides {
    /// The settings of this mod: `settings` with what the mod overrides.
    pub fn over(&self, settings: &HotReload) -> HotReload {
        let mut settings = settings.clone();
        settings.enabled &= self.enabled.unwrap_or(true);
        settings.debounce_delay = self.debounce_delay.unwrap_or(settings.debounce_delay);
        let state = &mut settings.state_management;
        state.carry = self.carry.unwrap_or(state.carry);
        state.on_uncarryable = self.on_uncarryable.unwrap_or(state.on_uncarryable);
        settings
    }
}

#[cfg(test)]
mod tests;
