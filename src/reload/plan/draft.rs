//! The rules of a plan: which mod needs what, and why. Each method of [`Drafts`] is one rule.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::change::Kind;
use crate::files::FileChangeKind;
use crate::mod_id::ModId;
use crate::reload::request::{Cause, ReloadRequest, Weight};
use crate::state::{is_migration, migration_number};

use super::reason::Reason;
use super::relations::{
    ChangedScript, changed_scripts, going, groups, scripts_of, waiting, why_touched,
};
use super::world::{Absence, Accepted, ChangedFile, Running, Script, World};

/// What the rules want of each mod.
pub(super) struct Drafts<'a> {
    world: &'a World,
    requested: BTreeSet<&'a ModId>,
    pub(super) drafts: BTreeMap<ModId, Draft>,
    /// The scripts of accepted mods that are different.
    pub(super) scripts: BTreeMap<Script, ChangedScript>,
}

/// What the rules want of one mod so far.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) intent: Intent,
    pub(super) assets: Vec<Arc<str>>,
    pub(super) reasons: Vec<Reason>,
    /// Whether it must not happen after all, nor anything that would switch with it.
    pub(super) is_held: bool,
}

/// What should happen; of two wishes the later one here wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Intent {
    /// Used while no rule wants anything.
    #[default]
    Nothing,
    /// Used where the files can't be accepted.
    Keep,
    /// Used for `Asset` and `Config`: in place.
    Apply(Kind),
    /// Used for a running mod whose VM can't be used any more: new code goes before it.
    Restart,
    /// Used for a running mod that needs a new VM.
    Reload(Kind),
    /// Used for a mod that does not run yet.
    Load,
    /// Used for going back to a generation.
    RollBack(u64),
    /// Used for a mod that must go.
    Unload,
}

impl Intent {
    /// Whether a VM comes or goes, so that other mods may have to come along.
    pub(super) fn moves_a_vm(self) -> bool {
        self >= Intent::Restart
    }

    fn makes_a_vm(self) -> bool {
        matches!(self, Intent::Reload(_) | Intent::Load)
    }
}

/// Asks every rule, in order.
pub(super) fn draft<'a>(requests: &'a [ReloadRequest], world: &'a World) -> Drafts<'a> {
    let mut drafts = Drafts {
        world,
        requested: requests.iter().map(|request| &request.mod_id).collect(),
        drafts: BTreeMap::new(),
        scripts: changed_scripts(world),
    };
    drafts.vanished();
    drafts.running_what_changed();
    drafts.own_files();
    drafts.resolution();
    requests.iter().for_each(|request| drafts.demanded(request));
    drafts.taken_along();
    drafts.held_back();
    requests
        .iter()
        .for_each(|request| drafts.answered_for(&request.mod_id));
    drafts
}

impl Drafts<'_> {
    /// What runs and is not accepted goes, but for a mod that is rejected: it runs on as it is, as long as
    /// what it needs does.
    fn vanished(&mut self) {
        let world = self.world;
        let going = going(world);
        for mod_id in world.running.keys() {
            if world.accepted.contains_key(mod_id) {
                continue;
            }
            let (intent, reason) = match world.absent.get(mod_id) {
                None | Some(Absence::Removed) => (Intent::Unload, Reason::Removed),
                Some(Absence::Disabled) => (Intent::Unload, Reason::Disabled),
                Some(Absence::Quarantined) => continue,
                Some(Absence::Rejected { because, due_to }) => {
                    let mut others = due_to.iter();
                    let gone = others.find(|other| going.contains(*other));
                    let gone = gone.or(due_to.first());
                    if let Some(other) = gone.filter(|_| going.contains(mod_id)) {
                        let reason = Reason::NeedsVanished {
                            mod_id: other.clone(),
                        };
                        self.want(mod_id, Intent::Unload, reason);
                        continue;
                    }
                    if !self.is_looked_at(mod_id) {
                        continue;
                    }
                    let because = because.clone();
                    (Intent::Keep, Reason::Rejected { because })
                }
            };
            self.want(mod_id, intent, reason);
        }
    }

    /// A changed script reloads each mod whose VM had loaded it, or had looked for it in vain.
    fn running_what_changed(&mut self) {
        for (mod_id, running) in &self.world.running {
            if !self.world.accepted.contains_key(mod_id) {
                continue;
            }
            for script in scripts_of(self.world, mod_id, running) {
                let Some(changed) = self.scripts.get_mut(&script) else {
                    continue;
                };
                changed.reloads.push(mod_id.clone());
                let reason = why_touched(script, changed.change, mod_id, running);
                self.want(mod_id, Intent::Reload(Kind::Script), reason);
            }
        }
    }

    /// What changed in the mod's own folder, but for scripts that somebody runs.
    fn own_files(&mut self) {
        for (mod_id, changes) in &self.world.changed {
            if !self.world.accepted.contains_key(mod_id) || !self.world.running.contains_key(mod_id)
            {
                continue;
            }
            for file in &changes.files {
                self.own_file(mod_id, file);
            }
            for key in &changes.reload_keys {
                let reason = Reason::ReloadKey { key: key.clone() };
                self.want(mod_id, Intent::Reload(Kind::Script), reason);
            }
        }
    }

    fn own_file(&mut self, mod_id: &ModId, file: &ChangedFile) {
        let path = file.path.clone();
        let changed = Reason::Changed {
            path: path.clone(),
            change: file.change,
        };
        match file.kind {
            Kind::Asset => {
                self.want(mod_id, Intent::Apply(Kind::Asset), changed);
                self.of(mod_id).assets.push(path);
            }
            Kind::Config => self.want(mod_id, Intent::Apply(Kind::Config), changed),
            Kind::Full => self.want(mod_id, Intent::Reload(Kind::Full), changed),
            Kind::Script if self.is_migration_to_run(mod_id, file) => {
                self.want(mod_id, Intent::Reload(Kind::Script), changed);
            }
            Kind::Script => {
                let script = Script {
                    mod_id: mod_id.clone(),
                    path: path.clone(),
                };
                let changed = self.scripts.get(&script);
                let reloads = changed.map_or(&[][..], |changed| &changed.reloads);
                if reloads.is_empty() {
                    self.want(mod_id, Intent::Nothing, Reason::NotLoaded { path });
                } else if !reloads.contains(mod_id) {
                    self.want(mod_id, Intent::Nothing, Reason::LoadedByOthers { path });
                }
            }
        }
    }

    /// Whether the state of a running mod has not had a migration yet. One that is added is looked at in any
    /// case, since its name may be that of another.
    fn is_migration_to_run(&self, mod_id: &ModId, file: &ChangedFile) -> bool {
        let running = self.world.running.get(mod_id);
        let is_missing =
            || migration_number(&file.path) > running.map(|running| running.state_version);
        is_migration(&file.path)
            && match file.change {
                FileChangeKind::Added => true,
                FileChangeKind::Edited => is_missing(),
                FileChangeKind::Deleted => false,
            }
    }

    /// What is accepted and does not run loads; what has other dependencies than it was loaded with
    /// reloads. A mere change of place does nothing. What failed as it is now is left alone.
    fn resolution(&mut self) {
        for (mod_id, accepted) in &self.world.accepted {
            if accepted.was_tried {
                continue;
            }
            match self.world.running.get(mod_id) {
                None => self.want(mod_id, Intent::Load, Reason::Appeared),
                Some(running) => self.dependencies(mod_id, accepted, running),
            }
        }
    }

    fn dependencies(&mut self, mod_id: &ModId, accepted: &Accepted, running: &Running) {
        let (new, old) = (&accepted.dependencies, &running.dependencies);
        for dependency in new.difference(old).cloned() {
            let reason = Reason::DependencyAppeared { mod_id: dependency };
            self.want(mod_id, Intent::Reload(Kind::Full), reason);
        }
        for dependency in old.difference(new).cloned() {
            let reason = Reason::DependencyVanished { mod_id: dependency };
            self.want(mod_id, Intent::Reload(Kind::Full), reason);
        }
    }

    /// What a request demands, whatever the files say.
    fn demanded(&mut self, request: &ReloadRequest) {
        let mod_id = &request.mod_id;
        let is_running = self.world.running.contains_key(mod_id);
        let is_accepted = self.world.accepted.contains_key(mod_id);
        for cause in request.causes.iter() {
            let intent = match cause {
                _ if cause.weight() == Weight::OnDisk => continue,
                Cause::Rollback { to } if is_running || is_accepted => Intent::RollBack(*to),
                Cause::Restart { .. } if is_running => Intent::Restart,
                Cause::Restart { .. } => continue,
                Cause::Quarantine { .. } if is_running => Intent::Unload,
                Cause::Quarantine { .. } => continue,
                _ if !is_accepted => continue,
                _ if !is_running => Intent::Load,
                Cause::DependencyChanged { .. } => Intent::Reload(request.kind.max(Kind::Script)),
                // The assets that differ are applied anyway.
                _ if request.kind == Kind::Asset => continue,
                _ if request.kind == Kind::Config => Intent::Apply(Kind::Config),
                _ => Intent::Reload(request.kind),
            };
            let cause = cause.clone();
            self.want(mod_id, intent, Reason::Cause { cause });
        }
    }

    /// Mods that require each other load as one group; a mod that did not come up gets another try when
    /// a dependency of it loads.
    fn taken_along(&mut self) {
        let world = self.world;
        let (mut groups, waiting) = (groups(world), waiting(world));
        let mut loading: VecDeque<ModId> = self
            .drafts
            .iter()
            .filter(|(_, draft)| draft.intent.makes_a_vm())
            .map(|(mod_id, _)| mod_id.clone())
            .collect();
        while let Some(mod_id) = loading.pop_front() {
            let Some(accepted) = world.accepted.get(&mod_id) else {
                continue;
            };
            // The first member takes the whole group along; so each group is visited once.
            for mate in groups.remove(&accepted.group).into_iter().flatten() {
                let with = mod_id.clone();
                self.take_along(mate, Reason::InGroup { with }, &mut loading);
            }
            for user in waiting.get(&mod_id).into_iter().flatten().copied() {
                let mod_id = mod_id.clone();
                self.take_along(user, Reason::DependencyLoads { mod_id }, &mut loading);
            }
        }
    }

    fn take_along(&mut self, mod_id: &ModId, reason: Reason, loading: &mut VecDeque<ModId>) {
        if self.of(mod_id).intent.moves_a_vm() {
            return;
        }
        let intent = if self.world.running.contains_key(mod_id) {
            Intent::Reload(Kind::Script)
        } else {
            Intent::Load
        };
        self.want(mod_id, intent, reason);
        loading.push_back(mod_id.clone());
    }

    /// A new manifest or a new mod that would leave a running mod rejected is held back: an edit
    /// can't hurt a mod that runs.
    fn held_back(&mut self) {
        for (victim, absence) in &self.world.absent {
            let Absence::Rejected { because, due_to } = absence else {
                continue;
            };
            let is_own_doing = self.world.has_new_manifest(victim);
            if !self.world.running.contains_key(victim) || is_own_doing {
                continue;
            }
            let is_news = |culprit: &&ModId| {
                let culprit = *culprit;
                self.world.has_new_manifest(culprit) || !self.world.running.contains_key(culprit)
            };
            for culprit in due_to.iter().filter(is_news) {
                if let Some(draft) = self.drafts.get_mut(culprit)
                    && draft.intent.makes_a_vm()
                {
                    draft.is_held = true;
                    let (mod_id, because) = (victim.clone(), because.clone());
                    draft
                        .reasons
                        .insert(0, Reason::WouldReject { mod_id, because });
                }
            }
        }
    }

    /// Whoever asked about a mod gets an answer, even if nothing happens.
    fn answered_for(&mut self, mod_id: &ModId) {
        if !self.of(mod_id).reasons.is_empty() {
            return;
        }
        let (intent, reason) = match self.world.absent.get(mod_id) {
            _ if self.world.accepted.contains_key(mod_id) => (Intent::Nothing, Reason::Unchanged),
            None | Some(Absence::Removed) => (Intent::Nothing, Reason::Removed),
            Some(Absence::Disabled) => (Intent::Nothing, Reason::Disabled),
            Some(Absence::Quarantined) => (Intent::Nothing, Reason::Quarantined),
            Some(Absence::Rejected { because, .. }) => {
                let because = because.clone();
                (Intent::Keep, Reason::Rejected { because })
            }
        };
        self.want(mod_id, intent, reason);
    }

    fn is_looked_at(&self, mod_id: &ModId) -> bool {
        self.requested.contains(mod_id) || self.world.changed.contains_key(mod_id)
    }

    fn want(&mut self, mod_id: &ModId, intent: Intent, reason: Reason) {
        let draft = self.of(mod_id);
        draft.intent = draft.intent.max(intent);
        draft.reasons.push(reason);
    }

    fn of(&mut self, mod_id: &ModId) -> &mut Draft {
        self.drafts.entry(mod_id.clone()).or_default()
    }
}
