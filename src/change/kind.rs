//! [`Kind`]: how wide the effect of a change is.

use serde::Serialize;

/// How wide the effect of a change is; a wider kind includes the narrower ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Kind {
    /// Used for files that no VM runs: a new version of the asset is announced.
    Asset,
    /// Used for config values: applied in place.
    Config,
    /// Used for code: the VM is replaced.
    Script,
    /// Used for the manifest: the resolution is made anew.
    Full,
}
