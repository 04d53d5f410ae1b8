//! [`World`]: what runs and what the files say, as plain values: all that a plan is made from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::change::Kind;
use crate::files::FileChangeKind;
use crate::mod_id::ModId;

/// What runs and what the files say: all that a plan is made from.
///
/// The difference between `accepted` and `running` is what a resolution changes: a mod that is accepted
/// and does not run appears, one that runs and is not accepted vanishes.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The mods that the resolution of the files, as they are now, accepts.
    pub accepted: BTreeMap<ModId, Accepted>,
    /// The mods that have a VM.
    pub running: BTreeMap<ModId, Running>,
    /// Why mods are not accepted. A running mod in neither map is [`Absence::Removed`].
    pub absent: BTreeMap<ModId, Absence>,
    /// The mods whose files are not those that were looked at last; and for each, all that differs from
    /// what its running generation was made from. (Compared with the last look alone, a fix in another
    /// file than the broken one would be missed; listed for ever, a broken file would be tried for ever.)
    pub changed: BTreeMap<ModId, Changes>,
}

/// A mod that the resolution accepts.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    /// Its place in the load order.
    pub position: usize,
    /// The group that it loads with; a mod that is in no cycle is alone in its group.
    pub group: usize,
    /// The mods that it depends on, as resolved: present ones only, under their own ids.
    pub dependencies: BTreeSet<ModId>,
    /// Whether these very files were tried, with these dependencies, and did not come up or were kept
    /// out. They are tried again only when somebody asks, or when a dependency loads anew.
    pub was_tried: bool,
}

/// A mod that has a VM.
#[derive(Clone, Debug, Default)]
pub struct Running {
    /// The generation that runs.
    pub generation: u64,
    /// Its place in the load order when it was loaded.
    pub position: usize,
    /// The dependencies that it was loaded with.
    pub dependencies: BTreeSet<ModId>,
    /// The mod's own scripts that its VM has loaded.
    pub scripts: BTreeSet<Arc<str>>,
    /// The scripts of dependencies that its VM has loaded, by `require("@dep/…")`.
    pub borrowed: BTreeSet<Script>,
    /// The scripts, its own and of dependencies, that its `require` looked for and did not find. A staged
    /// VM that failed since then counts too, with all scripts of dependencies that it used: so the
    /// dependency's fix leads to another try.
    pub missed: BTreeSet<Script>,
    /// The version of its state: the number of the newest migration that the state has had.
    pub state_version: u32,
}

/// A script of some mod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Script {
    /// The mod that has, or would have, the file.
    pub mod_id: ModId,
    /// The path, relative to that mod.
    pub path: Arc<str>,
}

/// Why a mod is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    /// Used for a mod whose folder is gone: it is unloaded.
    Removed,
    /// Used for a mod that somebody switched off: it is unloaded.
    Disabled,
    /// Used for a mod that was stopped because it kept breaking its limits: it does not run, and those that
    /// require it stop.
    Quarantined,
    /// Used for a mod that can't be accepted as its files are: if it runs, its generation runs on,
    /// unless what it needs is unloaded.
    Rejected {
        /// Why; completes "because it …".
        because: Arc<str>,
        /// The other mods that are the reason, where the mod's own files are not: a dependency that is
        /// gone, rejected, or has another version; those that it can't run beside.
        due_to: Vec<ModId>,
    },
}

/// How the files of a mod differ from those that run.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The files, each once.
    pub files: Vec<ChangedFile>,
    /// The changed config values that only a reload puts into effect (`apply = "reload"`).
    pub reload_keys: Vec<Arc<str>>,
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// The path, relative to the mod.
    pub path: Arc<str>,
    /// What the file is, as classified.
    pub kind: Kind,
    /// What happened to it.
    pub change: FileChangeKind,
}

impl World {
    /// The running generation of a mod, 0 for one that does not run.
    pub(super) fn generation(&self, mod_id: &ModId) -> u64 {
        self.running.get(mod_id).map_or(0, |mods| mods.generation)
    }

    /// The place of a mod in the load order; mods that are nowhere come last.
    pub(super) fn position(&self, mod_id: &ModId) -> usize {
        let accepted = self.accepted.get(mod_id).map(|accepted| accepted.position);
        let running = || self.running.get(mod_id).map(|running| running.position);
        accepted.or_else(running).unwrap_or(usize::MAX)
    }

    /// What the files say and the running generation had, together.
    pub(super) fn dependencies(&self, mod_id: &ModId) -> impl Iterator<Item = &ModId> {
        let accepted = self.accepted.get(mod_id).map(|mods| &mods.dependencies);
        let running = self.running.get(mod_id).map(|mods| &mods.dependencies);
        accepted.into_iter().chain(running).flatten()
    }

    /// Whether the manifest is among the changed files.
    pub(super) fn has_new_manifest(&self, mod_id: &ModId) -> bool {
        self.changed
            .get(mod_id)
            .is_some_and(|changes| changes.files.iter().any(|file| file.kind == Kind::Full))
    }
}
