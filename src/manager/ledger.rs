//! What every generation of every mod owns, and who holds a VM that should be free.

use std::sync::Arc;

use serde::Serialize;

use crate::lua::{Holding, Vm};
use crate::mod_id::ModId;

use super::ModManager;

/// Something that one generation of a mod owns. It goes with the generation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LedgerEntry {
    /// The mod.
    #[serde(rename = "mod")]
    pub mod_id: ModId,
    /// The generation that owns it, which may be gone already: see the kinds `event` and `vm`.
    pub generation: u64,
    /// What it is.
    pub kind: Holding,
    /// Its name: an event, the name of a timer, task or function, a path, a mod.
    pub name: Arc<str>,
    /// How many there are of that name.
    pub count: usize,
}

impl ModManager {
    /// What the mods own, or one of them: by mod, generation and kind.
    ///
    /// A VM that was replaced and is still held is named here, by what holds it.
    pub fn ledger(&self, only: Option<&ModId>) -> Vec<LedgerEntry> {
        let mut entries = Vec::new();
        for running in self.running.values() {
            entries.extend(holdings(&running.vm));
        }
        let events = self.hub.waiting_events().into_iter();
        entries.extend(
            events.map(|((mod_id, generation, name), count)| LedgerEntry {
                mod_id,
                generation,
                kind: Holding::Event,
                name,
                count,
            }),
        );
        for vm in self.reaper.held() {
            entries.extend(self.holders_of(&vm).into_iter().map(|holder| LedgerEntry {
                mod_id: vm.mod_id().clone(),
                generation: vm.generation(),
                kind: Holding::Vm,
                name: holder.into(),
                count: 1,
            }));
        }
        entries.retain(|entry| only.is_none_or(|only| *only == entry.mod_id));
        entries.sort_unstable();
        entries
    }

    /// Who holds a VM, in words.
    pub(super) fn holders_of(&self, vm: &Arc<Vm>) -> Vec<String> {
        let mut holders: Vec<String> = self.hub.holders_of(vm).collect();
        let mut running = self.running.values();
        if running.any(|running| Arc::ptr_eq(&running.vm, vm)) {
            holders.push("the running mods".into());
        }
        let events = self.handlers.events_of(vm);
        holders.extend(events.map(|event| format!("the handlers of `{event}`")));
        if vm.is_lent() {
            holders.push("the thread that carries its state".into());
        }
        let flight = self.flight.as_ref();
        if flight.is_some_and(|flight| flight.has(vm)) {
            holders.push("the transaction that is on its way".into());
        }
        if holders.is_empty() {
            holders.push("a call that is under way".into());
        }
        holders
    }
}

fn holdings(vm: &Vm) -> impl Iterator<Item = LedgerEntry> {
    let holdings = vm.ledger().holdings();
    holdings
        .into_iter()
        .map(|((kind, name), count)| LedgerEntry {
            mod_id: vm.mod_id().clone(),
            generation: vm.generation(),
            kind,
            name,
            count,
        })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::time::{Duration, Instant};

    use super::*;
    use crate::lua::Birth;
    use crate::settings::Limits;

    fn vm(mods: &ModManager, mod_id: &ModId) -> Arc<Vm> {
        let birth = Birth {
            mod_id: mod_id.clone(),
            version: semver::Version::new(1, 0, 0),
            generation: 7,
            entry: "scripts/main.lua".into(),
            scripts: BTreeMap::new(),
            dependencies: BTreeSet::new(),
            config: Vec::new(),
            assets: Arc::default(),
            granted: BTreeSet::new(),
            denied: BTreeSet::new(),
            limits: Limits::default(),
            random_seed: 0,
            state_version: 0,
            state_room: (0, 0),
        };
        let vm = mods.engine.vm(birth, mods.hub.clone());
        Arc::new(vm.expect("a VM without any script"))
    }

    #[test]
    fn a_vm_that_is_held_is_named_by_who_holds_it_until_it_is_free() {
        let builder = ModManager::builder("a folder that is not there");
        let mods = builder.watching(false).build().unwrap();
        let id: ModId = "it".parse().unwrap();
        let vm = vm(&mods, &id);
        let held = || -> Vec<(u64, Arc<str>)> {
            let entries = mods.ledger(Some(&id)).into_iter();
            let of_vms = entries.filter(|it| it.kind == Holding::Vm);
            of_vms.map(|it| (it.generation, it.name)).collect()
        };
        assert_eq!(held(), []);
        mods.reaper.free(vm.clone());
        assert_eq!(held(), [(7, "a call that is under way".into())]);
        mods.hub.put_staged(vm.clone());
        assert_eq!(held(), [(7, "the mods that are being staged".into())]);
        let loan = vm.lend();
        assert_eq!(held().len(), 2);
        drop(loan);
        mods.hub.clear_staged();
        let is_alive = vm.witness();
        drop(vm);
        let deadline = Instant::now() + Duration::from_secs(60);
        while is_alive() {
            assert!(Instant::now() < deadline, "it is never freed");
            std::thread::yield_now();
        }
        assert_eq!(held(), []);
    }
}
