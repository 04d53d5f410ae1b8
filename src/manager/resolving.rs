//! Resolving what was read: which manifests are candidates, and who is told what came of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::manifest::Manifest;
use crate::mod_id::ModId;
use crate::problem::Problem;
use crate::resolve::{Candidate, Change, Resolution, Rules, repair, resolve};
use crate::settings::VersionPolicy;

use super::ModManager;
use super::follow::ReadMod;
use super::running::Running;
use super::suspects::{News, Suspects};

/// What the resolution was made from, and by.
#[derive(Default)]
pub(super) struct Resolved {
    /// The manifests, by folder.
    pub(super) candidates: Vec<(Arc<str>, Arc<Manifest>)>,
    pub(super) rules: Rules,
    /// Whether each of them is the one that was read, and can be used: then none stands in for another one,
    /// whatever runs.
    is_as_read: bool,
}

impl ModManager {
    /// Resolves the manifests of the reading, if they or the rules are others than before.
    pub(super) fn resolve_reading(&mut self, news: &News) {
        if self.are_candidates_as_before(news) && self.rules() == self.resolved.rules {
            return;
        }
        let (candidates, rules) = (self.candidates(), self.rules());
        if self.may_reuse_resolution()
            && self.is_loaded
            && are_same(&candidates, &self.resolved.candidates)
            && rules == self.resolved.rules
        {
            return;
        }
        self.resolve_again();
    }

    fn may_reuse_resolution(&self) -> bool {
        let settings = &self.reading.settings.hot_reload;
        settings.dependencies.cache_resolutions
    }

    /// Whether the candidates are the same for sure, without a look at each.
    fn are_candidates_as_before(&self, news: &News) -> bool {
        let settings = &self.reading.settings.hot_reload;
        self.may_reuse_resolution()
            && self.is_loaded
            && !news.has_other_manifests
            && self.resolved.is_as_read
            && self.resolved.candidates.len() == self.reading.mods.len()
            && settings.version_policy == VersionPolicy::Any
    }

    /// The resolution of the reading as it is now.
    pub(super) fn resolve_now(&self) -> Resolution {
        self.resolve(&self.candidates(), &self.rules())
    }

    /// The same, as if no mod were quarantined.
    pub(super) fn resolve_unquarantined(&self) -> Resolution {
        let rules = self.rules();
        self.with_candidates(&self.candidates(), &BTreeMap::new(), |list| {
            resolve(list, self.host_api.as_ref(), &rules)
        })
    }

    fn resolve(&self, candidates: &[(Arc<str>, Arc<Manifest>)], rules: &Rules) -> Resolution {
        let quarantined = self.errors_of_quarantined();
        let resolution = self.with_candidates(candidates, &quarantined, |list| {
            resolve(list, self.host_api.as_ref(), rules)
        });
        match &self.load_order {
            Some(order) => resolution.in_order(order),
            None => resolution,
        }
    }

    /// What can be done so that a rejected mod runs: changes, tried out, none of which can be left away.
    ///
    /// Empty if it runs, if it is not known, or if no few changes were found. This resolves everything a few
    /// times over: it is for people who ask, not for every frame.
    pub fn repair(&self, mod_id: &ModId) -> Vec<Change> {
        let quarantined = self.errors_of_quarantined();
        self.with_candidates(&self.resolved.candidates, &quarantined, |list| {
            repair(list, self.host_api.as_ref(), &self.resolved.rules, mod_id)
        })
    }

    fn with_candidates<T>(
        &self,
        candidates: &[(Arc<str>, Arc<Manifest>)],
        quarantined: &BTreeMap<&ModId, Problem>,
        ask: impl FnOnce(&[Candidate<'_>]) -> T,
    ) -> T {
        let list: Vec<Candidate<'_>> = candidates
            .iter()
            .map(|(folder, manifest)| Candidate {
                manifest,
                folder,
                error: quarantined
                    .get(&manifest.id)
                    .or_else(|| self.error_in(folder, manifest)),
            })
            .collect();
        ask(&list)
    }

    /// Resolves once more, although the manifests are the same.
    pub(super) fn resolve_again(&mut self) {
        let (candidates, rules) = (self.candidates(), self.rules());
        self.resolution = self.resolve(&candidates, &rules);
        let read = self.reading.mods.values();
        let is_as_read = candidates.len() == self.reading.mods.len()
            && read.zip(&candidates).all(|(read, (_, manifest))| {
                let own = read.usable();
                own.is_some_and(|own| Arc::ptr_eq(own, manifest))
            });
        self.resolved = Resolved {
            candidates,
            rules,
            is_as_read,
        };
        self.suspects = Suspects::All;
        self.take_places();
        self.tell_who_is_present();
    }

    /// Gives the running mods the places in the order that they have now; events follow that order.
    fn take_places(&mut self) {
        let mut has_moved = false;
        for (mod_id, running) in &mut self.running {
            if let Some(accepted) = self.resolution.mods.get(mod_id) {
                has_moved |= running.position != accepted.position;
                running.position = accepted.position;
            }
        }
        if has_moved {
            self.forget_handlers();
        }
    }

    /// What keeps a candidate from running: an error of its own manifest, not of one that stands in.
    fn error_in(&self, folder: &Arc<str>, manifest: &Arc<Manifest>) -> Option<&Problem> {
        let read = self.reading.mods.get(folder)?;
        let own = read.manifest.as_ref()?;
        Arc::ptr_eq(own, manifest).then(|| read.error())?
    }

    /// Tells the VMs which mods they can reach, and under which names.
    fn tell_who_is_present(&self) {
        let provided = self.resolution.provided.iter();
        let provided = provided
            .filter_map(|(name, providers)| Some((name.clone(), providers.first()?.clone())));
        let own = self.resolution.order.iter();
        // A mod's own name goes before the same name that another one provides.
        let names = provided.chain(own.map(|mod_id| (mod_id.clone(), mod_id.clone())));
        let mut present: BTreeMap<ModId, ModId> = names.collect();
        present.retain(|_, mod_id| {
            !self.tried.contains_key(mod_id) || self.running.contains_key(mod_id)
        });
        self.hub.set_present(present);
    }

    /// What can be resolved: the manifests of the reading. Where a running mod's own can't be used as it is
    /// now, the one that it runs with stands in, so that a typo does not take the mods away that need it.
    fn candidates(&self) -> Vec<(Arc<str>, Arc<Manifest>)> {
        let running = self.running.values();
        let running: FxHashMap<&str, &Running> = running
            .map(|running| (&**running.source.files.folder(), running))
            .collect();
        let candidate = |(folder, read): (&Arc<str>, &Arc<ReadMod>)| {
            let running = running.get(&**folder).copied();
            Some((folder.clone(), self.candidate(read, running)?))
        };
        self.reading.mods.iter().filter_map(candidate).collect()
    }

    fn candidate(&self, read: &ReadMod, running: Option<&Running>) -> Option<Arc<Manifest>> {
        let is_refused =
            |new: &Manifest| running.is_some_and(|running| self.is_refused_version(new, running));
        read.usable()
            .filter(|new| !is_refused(new))
            .or_else(|| running.map(|running| &running.source.manifest))
            .or(read.manifest.as_ref())
            .cloned()
    }

    /// Whether the settings forbid to go from the running version to this one.
    pub(super) fn is_refused_version(&self, new: &Manifest, running: &Running) -> bool {
        self.reading.settings.hot_reload.version_policy == VersionPolicy::Newer
            && new.id == running.source.manifest.id
            && new.version < running.source.manifest.version
    }
}

/// Whether two lists have the very same manifests: each was parsed once for its content.
fn are_same(a: &[(Arc<str>, Arc<Manifest>)], b: &[(Arc<str>, Arc<Manifest>)]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| a.0 == b.0 && Arc::ptr_eq(&a.1, &b.1))
}
