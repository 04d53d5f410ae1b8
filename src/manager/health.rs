//! How mods are doing: what is counted of each, over all its generations; and the one place that tells what
//! happens to them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::files::ContentHash;
use crate::lua::{CallCounts, Vm};
use crate::mod_id::ModId;
use crate::reload::{ModEvent, ModReport, as_ms};

use super::ModManager;
use super::running::Running;
use super::words::{ModStatus, Status};

/// How one mod is doing. Counts are of all its generations since the start of the manager; the times are those
/// of the generation that runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// The mod.
    pub id: ModId,
    /// How it is.
    pub status: Status,
    /// The generation that runs, 0 if none does.
    pub generation: u64,
    /// Calls of its handlers, timers, tasks, hooks and exported functions.
    pub calls: u64,
    /// Calls that failed.
    pub errors: u64,
    /// Calls of this generation that were timed, the first 16 and then one in 32: `p50` and `p99` are of them.
    pub timed: u64,
    /// Half of the calls took no longer; at most an eighth too large.
    #[serde(rename = "p50_ms", serialize_with = "as_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub p50: Duration,
    /// 99 of 100 calls took no longer; at most an eighth too large.
    #[serde(rename = "p99_ms", serialize_with = "as_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub p99: Duration,
    /// The longest call. One of more than 4 ms is never missed, but may have taken up to 4 ms more than this.
    #[serde(rename = "max_ms", serialize_with = "as_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub max: Duration,
    /// Time spent in calls that were stopped at their limit, those of generations that never ran too.
    #[serde(rename = "lost_ms", serialize_with = "as_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub lost: Duration,
    /// Bytes that its VM holds.
    pub memory: usize,
    /// Bytes that it may hold.
    pub memory_max: usize,
    /// Bytes that two generations held together at the last switch, 0 before there was one.
    pub memory_at_switch: usize,
    /// Handlers that it has.
    pub handlers: usize,
    /// Timers and tasks that it has.
    pub timers: usize,
    /// Events that it emitted.
    pub emitted: u64,
    /// Lines of its log that were dropped.
    pub log_dropped: u64,
    /// Switches to new code, or with a restored state.
    pub reloads: u64,
    /// Loads and reloads that were refused.
    pub refusals: u64,
    /// Ways back to an earlier generation's code.
    pub rollbacks: u64,
    /// New beginnings after a broken limit, with the same code.
    pub restarts: u64,
    /// Times that it was stopped for good.
    pub quarantines: u64,
}

/// What is counted of one mod, and known of it beyond the generation that runs.
#[derive(Default)]
pub(super) struct Life {
    /// Of the generations that were left.
    calls: u64,
    errors: u64,
    lost: Duration,
    memory_at_switch: usize,
    reloads: u64,
    refusals: u64,
    rollbacks: u64,
    restarts: u64,
    quarantines: u64,
    /// The newest generation that ran, and what it was made from.
    pub(super) generation: u64,
    pub(super) version: Option<semver::Version>,
    pub(super) content: Option<ContentHash>,
    /// The newest generation that was told of.
    pub(super) told: u64,
}

impl Life {
    /// Counts what happened, by the name that those who have subscribed know it by.
    fn count(&mut self, event: &str) {
        let count = match event {
            "reloaded" => &mut self.reloads,
            "kept" => &mut self.refusals,
            "rolled-back" => &mut self.rollbacks,
            "restarted" => &mut self.restarts,
            "quarantined" => &mut self.quarantines,
            _ => return,
        };
        *count += 1;
    }

    /// Takes over the counts of a VM that goes.
    fn take_in(&mut self, counts: &CallCounts) {
        self.calls += counts.calls;
        self.errors += counts.errors;
        self.lost += counts.lost;
    }
}

/// What is counted of each mod that ever ran, or was to run.
#[derive(Default)]
pub(super) struct Lives(BTreeMap<ModId, Life>);

impl Lives {
    pub(super) fn of(&mut self, mod_id: &ModId) -> &mut Life {
        self.0.entry(mod_id.clone()).or_default()
    }

    /// Takes over the counts of a VM that goes.
    pub(super) fn take_in(&mut self, vm: &Vm) {
        self.of(vm.mod_id()).take_in(&vm.call_counts());
    }

    /// Counts time that was lost to a VM that never ran.
    pub(super) fn lose(&mut self, mod_id: &ModId, lost: Duration) {
        if !lost.is_zero() {
            self.of(mod_id).lost += lost;
        }
    }

    /// Notes what runs from now on, and how much two generations held together.
    pub(super) fn note_switch(&mut self, old: Option<&Running>, new: &Running) {
        let life = self.of(new.source.mod_id());
        life.generation = new.generation();
        life.version = Some(new.source.manifest.version.clone());
        life.content = Some(new.source.files.hash());
        if let Some(old) = old {
            life.memory_at_switch = old.vm.memory_bytes() + new.vm.memory_bytes();
        }
    }
}

impl ModManager {
    /// How every mod is doing, those that run first, in load order. It costs some microseconds a mod.
    ///
    /// ```
    /// # fn worst(mods: &lunation::ModManager) {
    /// // Which mod costs most, and which was in the way?
    /// for mod_health in mods.health() {
    ///     println!("{}: p99 {:?}, lost {:?}", mod_health.id, mod_health.p99, mod_health.lost);
    /// }
    /// # }
    /// ```
    pub fn health(&self) -> Vec<Health> {
        let health = |status| self.health_of(status);
        self.statuses().into_iter().map(health).collect()
    }

    fn health_of(&self, status: ModStatus) -> Health {
        let unknown = Life::default();
        let life = self.lives.0.get(&status.id).unwrap_or(&unknown);
        let vm = self.running.get(&status.id).map(|running| &running.vm);
        let now = vm.map(|vm| vm.call_counts()).unwrap_or_default();
        Health {
            status: status.status,
            generation: status.generation,
            calls: life.calls + now.calls,
            errors: life.errors + now.errors,
            timed: now.timed,
            p50: now.p50,
            p99: now.p99,
            max: now.max,
            lost: life.lost + now.lost,
            memory: status.memory,
            memory_max: self.reading.settings.limits.memory,
            memory_at_switch: life.memory_at_switch,
            handlers: status.handlers,
            timers: vm.map_or(0, |vm| vm.ledger().timers.len()),
            emitted: self.hub.emitted(&status.id),
            log_dropped: self.hub.log.left_out(&status.id),
            reloads: life.reloads,
            refusals: life.refusals,
            rollbacks: life.rollbacks,
            restarts: life.restarts,
            quarantines: life.quarantines,
            id: status.id,
        }
    }

    /// Tells everybody what happened to a mod: counts it, writes it into the audit log, and sends it to those who
    /// have subscribed.
    pub(super) fn tell(&mut self, event: &ModEvent) {
        self.tell_reported(event, None);
    }

    /// As [`ModManager::tell`], for what a report says.
    pub(super) fn tell_reported(&mut self, event: &ModEvent, report: Option<&ModReport>) {
        self.subscribers.send(event);
        if matches!(
            event,
            ModEvent::Modified { .. }
                | ModEvent::ConfigChanged { .. }
                | ModEvent::AssetChanged { .. }
                | ModEvent::Error { .. }
        ) {
            return; // these change no generation, and may be many
        }
        let name = self.audit_event(event, report);
        let life = self.lives.of(event.mod_id());
        life.count(&name);
        if event.generation() > 0 {
            life.told = event.generation();
        }
    }
}
