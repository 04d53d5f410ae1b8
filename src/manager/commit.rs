//! The switch: staged generations take the place of the running ones. It can't fail.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config;
use crate::files::ModFiles;
use crate::lua::{Gone, Hook, LoadedModules};
use crate::mod_id::ModId;
use crate::problem::Problem;
use crate::reload::{Outcome, Probation, Transaction};
use crate::value::Value;

use super::ModManager;
use super::handlers::Handlers;
use super::history::{InMemory, Leaving, Past};
use super::running::{Parked, Running};
use super::stage::{Staged, StagedMod, Way, capture};

/// What the switch did to one mod.
pub(super) struct Switched {
    pub(super) mod_id: ModId,
    pub(super) outcome: Outcome,
    pub(super) staged: Report,
    pub(super) switch: Duration,
}

/// What is left to tell of a staged mod.
pub(super) struct Report {
    pub(super) carried: crate::reload::Carried,
    /// Errors of the new generation when it was told that it is live.
    pub(super) first_errors: Vec<Problem>,
    /// What was registered at run time and could not come over.
    gone: Vec<Gone>,
    pub(super) notes: Vec<Problem>,
    pub(super) times: super::stage::StageTimes,
    pub(super) reason: &'static str,
}

impl ModManager {
    /// Switches every staged mod, tells the old VMs, then the new ones, and frees the old ones.
    pub(super) fn commit(&mut self, staged: Staged, transactions: &[Transaction]) -> Vec<Switched> {
        let started = Instant::now();
        let mut switched = Vec::new();
        let mut replaced = Vec::new();
        for staged in staged.mods {
            let mut own = transactions.iter();
            let own = own.position(|it| it.has(staged.source.mod_id()));
            let (old, done) = self.switch(staged, own.unwrap_or_default());
            replaced.push(old);
            switched.push(done);
        }
        for old in replaced.iter().flatten() {
            self.forget_handlers_of(old.source.mod_id());
        }
        let time = started.elapsed();
        for (done, old) in switched.iter_mut().zip(&replaced) {
            done.switch = time;
            if let Some(old) = old {
                let note = self.say_goodbye(old);
                done.staged.notes.extend(note);
            }
        }
        for (done, old) in switched.iter_mut().zip(replaced) {
            done.staged.first_errors = self.welcome(&done.mod_id, done.staged.reason, old.as_ref());
            self.settle(&done.mod_id, &mut done.staged);
            if let Some(old) = old {
                self.bury(old);
            }
        }
        self.record_history();
        switched
    }

    fn switch(&mut self, staged: StagedMod, part: usize) -> (Option<Running>, Switched) {
        let mod_id = staged.source.mod_id().clone();
        let generation = staged.vm.generation();
        let old = self.running.remove(&mod_id);
        let is_again = staged.way == Way::Again;
        if let Some(old) = &old {
            staged.vm.ledger().keep_phases(&old.vm.ledger());
            let because = match staged.reason {
                _ if staged.way == Way::Back => Leaving::Rollback,
                "restore" => Leaving::Restore,
                _ => Leaving::Reload,
            };
            // What begins anew is no other code: the history would only lose older ones by it.
            if !is_again {
                let next = Some(&*staged.source.files);
                self.remember(old, staged.left, because, next);
            }
        }
        let code_of = match &old {
            None => self.history.go_on(&staged.source),
            Some(_) => None,
        };
        let code_of = code_of.unwrap_or(staged.code_of);
        self.history.touch(&mod_id);
        staged.vm.set_running(true);
        self.hub.put(staged.vm.clone());
        self.generations.insert(mod_id.clone(), generation);
        // What the disk has may have been refused; that does not change when the mod begins anew.
        if !is_again {
            self.tried.remove(&mod_id);
            self.refused.remove(&mod_id);
            self.troubles.remove(&mod_id);
        }
        self.parked.remove(&mod_id);
        let before = old.as_ref().filter(|_| is_again);
        let settings = &self.reading.settings.hot_reload;
        let running = Running {
            vm: staged.vm,
            source: staged.source,
            base: staged.base,
            uncarryable: staged.uncarryable,
            assets: staged.assets,
            player: before.map_or(staged.player, |old| old.player),
            position: self
                .resolution
                .mods
                .get(&mod_id)
                .map_or(usize::MAX, |accepted| accepted.position),
            probation: before.map_or_else(
                || Probation::new(&settings.probation),
                |old| old.probation.clone(),
            ),
            early_errors: Vec::new(),
            may_go_back: match staged.way {
                Way::Forward => old.is_some(),
                Way::Back => false,
                Way::Again => before.is_some_and(|old| old.may_go_back),
            },
            switched_in: (self.transactions + 1, part),
            is_struck: false,
            missed_since: before
                .map_or_else(LoadedModules::default, |old| old.missed_since.clone()),
            code_of,
            committed_tick: self.hub.current_tick(),
            state_bytes: staged.state_bytes,
        };
        self.lives.note_switch(old.as_ref(), &running);
        self.running.insert(mod_id.clone(), running);
        self.suspects.add(&mod_id);
        if staged.way != Way::Back {
            self.remember_grants(&mod_id);
        }
        let outcome = match (&old, staged.way) {
            (_, Way::Back) => Outcome::RolledBack,
            (Some(_), Way::Again) => Outcome::Restarted,
            (Some(_), Way::Forward) => Outcome::Reloaded,
            (None, _) => Outcome::Loaded,
        };
        let report = Report {
            carried: staged.carried,
            first_errors: Vec::new(),
            gone: staged.gone,
            notes: staged.notes,
            times: staged.times,
            reason: staged.reason,
        };
        (
            old,
            Switched {
                mod_id,
                outcome,
                staged: report,
                switch: Duration::ZERO,
            },
        )
    }

    /// Keeps enough of an old generation to bring it back.
    fn remember(
        &mut self,
        old: &Running,
        state: Option<Parked>,
        because: Leaving,
        next: Option<&ModFiles>,
    ) {
        let tick = self.hub.current_tick();
        let past = InMemory::of_running(old).left(state, because, tick, next);
        let mod_id = old.source.mod_id().clone();
        self.history.push(&mod_id, Past::InMemory(past.into()));
    }

    /// Tells an old VM that it has been replaced. An error there is a note, no more.
    fn say_goodbye(&mut self, old: &Running) -> Vec<Problem> {
        let mod_id = old.source.mod_id();
        if old.vm.is_latched() {
            return Vec::new();
        }
        let payload = about(mod_id, old.generation(), None);
        let mut notes = self.run_handlers_of(&old.vm, "mod_unloaded", &payload);
        if let Err(fault) = old.vm.run_hook(Hook::Unload, &[]) {
            notes.push(fault.problem(mod_id, "in on_unload"));
        }
        old.vm.set_running(false);
        notes
    }

    /// Tells a new VM that it is live: `mod_loaded` comes before every other event.
    fn welcome(&mut self, mod_id: &ModId, reason: &str, old: Option<&Running>) -> Vec<Problem> {
        let Some(running) = self.running.get(mod_id) else {
            return Vec::new();
        };
        let vm = running.vm.clone();
        let payload = about(mod_id, vm.generation(), Some(reason));
        let mut problems = self.run_handlers_of(&vm, "mod_loaded", &payload);
        if let Some(old) = old {
            problems.extend(self.tell_config_of_reload(mod_id, old));
            problems.extend(self.tell_assets_of_reload(mod_id, old));
        }
        for problem in &problems {
            self.note_error(mod_id, problem.clone());
        }
        problems
    }

    /// What could not come over, and was registered again when the new code was told that it is live, is not
    /// gone.
    fn settle(&self, mod_id: &ModId, report: &mut Report) {
        let Some(running) = self.running.get(mod_id) else {
            return;
        };
        for gone in running.vm.settle(&report.gone) {
            let dropped = &mut report.carried.dropped;
            if let Some(place) = dropped.iter().position(|words| *words == gone.words) {
                dropped.remove(place);
            }
        }
    }

    fn tell_config_of_reload(&mut self, mod_id: &ModId, old: &Running) -> Option<Problem> {
        let running = self.running.get(mod_id)?;
        let changes = config::diff(&old.source.config, &running.source.config);
        let fault = running
            .vm
            .run_hook(Hook::Config, &[changes_payload(&changes)?]);
        fault
            .err()
            .map(|fault| fault.problem(mod_id, "in on_config"))
    }

    fn tell_assets_of_reload(&mut self, mod_id: &ModId, old: &Running) -> Vec<Problem> {
        let Some(running) = self.running.get(mod_id) else {
            return Vec::new();
        };
        let changed = old.source.files.changes_to(&running.source.files);
        let assets: Vec<Arc<str>> = changed
            .into_iter()
            .map(|change| change.path)
            .filter(|path| {
                running.source.is_asset(path) && running.assets.lock().contains_key(path)
            })
            .collect();
        self.tell_assets(mod_id, &assets)
    }

    /// Frees the VM of an old generation as soon as nothing holds it.
    fn bury(&mut self, old: Running) {
        self.lives.take_in(&old.vm);
        let vm = old.vm;
        if Arc::strong_count(&vm) > 1 {
            let (mod_id, holders) = (vm.mod_id(), self.holders_of(&vm).join(", "));
            tracing::debug!(%mod_id, generation = vm.generation(), holders, "the old VM is freed later");
        }
        self.reaper.free(vm);
    }

    /// Stops a mod for good: its state is parked, its VM freed.
    pub(super) fn unload(&mut self, mod_id: &ModId, is_gone: bool) -> Option<Vec<Problem>> {
        self.give_up_flight_of(mod_id);
        let running = self.running.remove(mod_id)?;
        self.suspects.add(mod_id);
        self.troubles.remove(mod_id);
        let mut notes = Vec::new();
        if !running.vm.is_latched() {
            notes.extend(
                running
                    .vm
                    .run_hook(Hook::Save, &[])
                    .err()
                    .map(|fault| fault.problem(mod_id, "in on_save")),
            );
        }
        let state = match capture(&running.vm, &self.reading.settings) {
            Ok(captured) => Some(running.parked(captured.image)),
            Err(problem) => {
                notes.push(problem);
                None
            }
        };
        if let Some(parked) = &state {
            self.parked.insert(mod_id.clone(), parked.clone());
        }
        let because = match is_gone {
            true => Leaving::Removal,
            false => Leaving::Quarantine,
        };
        self.remember(&running, state, because, None);
        self.hub.remove(mod_id);
        if is_gone {
            self.hub.set_absent(mod_id);
        }
        self.forget_handlers_of(mod_id);
        notes.extend(self.say_goodbye(&running));
        self.bury(running);
        self.record_history();
        Some(notes)
    }
}

/// The end of the game: every mod is told, those that need others before those, and every VM is freed.
impl Drop for ModManager {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.give_up_flight();
        }
        let mut running: Vec<Running> = std::mem::take(&mut self.running).into_values().collect();
        running.sort_by_key(|running| std::cmp::Reverse(running.position));
        if !std::thread::panicking() {
            for old in &running {
                for problem in self.say_goodbye(old) {
                    tracing::warn!(%problem, "while the mods were unloaded");
                }
            }
        }
        // VMs reach each other through the hub, so they would keep it, and it them.
        self.hub.remove_all();
        self.handlers = Handlers::default();
        running.into_iter().for_each(|old| self.bury(old));
        self.hub.log.tell_left_out();
    }
}

/// The payload of `mod_loaded` and `mod_unloaded`.
fn about(mod_id: &ModId, generation: u64, reason: Option<&str>) -> Value {
    let mut entries = vec![
        ("id".into(), mod_id.as_str().into()),
        ("generation".into(), Value::Integer(generation as i64)),
    ];
    entries.extend(reason.map(|reason| ("reason".into(), reason.into())));
    Value::Table(entries)
}

/// `changes[key] = {old, new}`; `None` if nothing changed.
pub(super) fn changes_payload(changes: &[config::ConfigChange]) -> Option<Value> {
    let entry = |change: &config::ConfigChange| {
        let both = vec![
            ("old".into(), change.old.clone()),
            ("new".into(), change.new.clone()),
        ];
        (change.key.as_str().into(), Value::Table(both))
    };
    (!changes.is_empty()).then(|| Value::Table(changes.iter().map(entry).collect()))
}
