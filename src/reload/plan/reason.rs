//! [`Reason`]: why a plan has a step, as data that reads as words.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::files::FileChangeKind;
use crate::mod_id::ModId;
use crate::reload::request::{Cause, change_word};

/// Why a plan has a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Reason {
    /// Used for a changed file that needs no further reason: an asset, a config file, the manifest.
    Changed {
        /// The path, relative to the mod.
        path: Arc<str>,
        /// What happened to it.
        change: FileChangeKind,
    },
    /// Used for a changed script of its own that a VM had loaded.
    Loaded {
        /// The mod whose VM had.
        by: ModId,
        /// The path, relative to the mod.
        path: Arc<str>,
        /// What happened to it.
        change: FileChangeKind,
    },
    /// Used for a changed script of a dependency that a VM had loaded by `require("@dep/…")`.
    Required {
        /// The mod whose VM had.
        by: ModId,
        /// The mod that has the file.
        of: ModId,
        /// The path, relative to that mod.
        path: Arc<str>,
        /// What happened to it.
        change: FileChangeKind,
    },
    /// Used for a script that a `require` had looked for and not found.
    LookedFor {
        /// The mod that had.
        by: ModId,
        /// The mod that has the file.
        of: ModId,
        /// The path, relative to that mod.
        path: Arc<str>,
        /// What happened to it.
        change: FileChangeKind,
    },
    /// Used for a changed script that nobody runs: its content is taken over, nothing else happens.
    NotLoaded {
        /// The path, relative to the mod.
        path: Arc<str>,
    },
    /// Used for a changed script that only VMs of other mods had loaded, or looked for: they reload.
    LoadedByOthers {
        /// The path, relative to the mod.
        path: Arc<str>,
    },
    /// Used for a changed config value that only a reload puts into effect.
    ReloadKey {
        /// The key.
        key: Arc<str>,
    },
    /// Used for what a request demands, whatever the files say.
    Cause {
        /// Why the request was made.
        #[serde(flatten)]
        cause: Cause,
    },
    /// Used for the other members of a group of mods that require each other.
    InGroup {
        /// The member that takes this one along.
        with: ModId,
    },
    /// Used for a dependency that was not there when the mod was loaded.
    DependencyAppeared {
        /// The dependency.
        #[serde(rename = "mod")]
        mod_id: ModId,
    },
    /// Used for a dependency that the mod was loaded with and has no more.
    DependencyVanished {
        /// The dependency.
        #[serde(rename = "mod")]
        mod_id: ModId,
    },
    /// Used for a mod that did not come up before and gets another try with its dependency.
    DependencyLoads {
        /// The dependency.
        #[serde(rename = "mod")]
        mod_id: ModId,
    },
    /// Used for a mod that is accepted and was never tried.
    Appeared,
    /// Used for a mod whose folder is gone.
    Removed,
    /// Used for a mod that was switched off.
    Disabled,
    /// Used for a mod that was stopped because it kept breaking its limits.
    Quarantined,
    /// Used for a mod that can't be accepted as its files are.
    Rejected {
        /// Why; completes "because it …".
        because: Arc<str>,
    },
    /// Used for a mod that goes because what it needs goes.
    NeedsVanished {
        /// What it needs.
        #[serde(rename = "mod")]
        mod_id: ModId,
    },
    /// Used for a step that is held back, because a running mod could not be accepted after it.
    WouldReject {
        /// The running mod.
        #[serde(rename = "mod")]
        mod_id: ModId,
        /// Why it could not; completes "because it …".
        because: Arc<str>,
    },
    /// Used for the steps that would switch together with one that is held back.
    HeldWith {
        /// The mod that is held back.
        #[serde(rename = "mod")]
        mod_id: ModId,
    },
    /// Used when nothing is different from what runs.
    Unchanged,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Changed { path, change } => write!(f, "{path} {}", change_word(*change)),
            Reason::Loaded { by, path, change } => {
                write!(f, "{path} {}, and {by} had loaded it", change_word(*change))
            }
            Reason::Required {
                by,
                of,
                path,
                change,
            } => {
                let (module, change) = (module(path), change_word(*change));
                write!(f, "{by} requires @{of}/{module}, which {change}")
            }
            Reason::LookedFor {
                by,
                of,
                path,
                change,
            } => {
                let of = if by == of {
                    String::new()
                } else {
                    format!("@{of}/")
                };
                let (module, change) = (module(path), change_word(*change));
                write!(
                    f,
                    "{by} had looked for {of}{module} in vain, which {change}"
                )
            }
            Reason::NotLoaded { path } => {
                write!(f, "no VM has loaded {path}: nothing to do")
            }
            Reason::LoadedByOthers { path } => {
                write!(f, "only other mods use {path}: nothing to do here")
            }
            Reason::ReloadKey { key } => {
                write!(f, "the config value {key} takes effect by a reload")
            }
            Reason::Cause { cause } => cause.fmt(f),
            Reason::InGroup { with } => write!(f, "loads as one group with {with}"),
            Reason::DependencyAppeared { mod_id } => write!(f, "dependency {mod_id} appeared"),
            Reason::DependencyVanished { mod_id } => write!(f, "dependency {mod_id} vanished"),
            Reason::DependencyLoads { mod_id } => {
                write!(
                    f,
                    "did not come up before, and its dependency {mod_id} loads"
                )
            }
            Reason::Appeared => f.write_str("is new"),
            Reason::Removed => f.write_str("its folder is gone"),
            Reason::Disabled => f.write_str("is switched off"),
            Reason::Quarantined => f.write_str("is quarantined"),
            Reason::Rejected { because } => write!(f, "its files are rejected: it {because}"),
            Reason::NeedsVanished { mod_id } => write!(f, "needs {mod_id}, which goes"),
            Reason::WouldReject { mod_id, because } => {
                write!(f, "else {mod_id} would be rejected: it {because}")
            }
            Reason::HeldWith { mod_id } => write!(f, "switches with {mod_id}, which is kept"),
            Reason::Unchanged => f.write_str("nothing is different from what runs"),
        }
    }
}

/// The name by which `require` knows a script: `scripts/ui/strings.lua` → `ui/strings`.
fn module(path: &str) -> &str {
    let path = path.strip_prefix("scripts/").unwrap_or(path);
    path.strip_suffix(".lua")
        .or_else(|| path.strip_suffix(".luau"))
        .unwrap_or(path)
}

impl Reason {
    /// Whether the words lack a subject: the mod of the step.
    pub(super) fn needs_subject(&self) -> bool {
        matches!(
            self,
            Reason::InGroup { .. }
                | Reason::DependencyLoads { .. }
                | Reason::Appeared
                | Reason::Disabled
                | Reason::Quarantined
                | Reason::NeedsVanished { .. }
                | Reason::HeldWith { .. }
        )
    }
}
