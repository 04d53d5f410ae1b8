//! When the follower looks: it watches, waits for those who are not done, and looks at everything after a doubt.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Receiver, never};

use crate::change::{Batch, FileEvent, FileEventKind, Look, Root, doubtful};
use crate::disk::{FolderReading, Operations};
use crate::files::{ContentHash, ModFiles};
use crate::problem::{Code, Place, Problem};

use super::watch::Watcher;
use super::worker::Worker;

/// How often a watcher that stopped by itself is started again.
const WATCHER_FAILURES_MAX: u32 = 3;

/// How many times as long as a comparison took there is none, where files are polled: a tenth of one core at most.
const POLL_PAUSE_FACTOR: u32 = 9;

/// How often in a row a mod that is polled may be something else at each look; then it is taken as it is: a program
/// writes into it all the time.
const POLLED_OTHERWISE_MAX: u32 = 10;

/// So much more, or less, of wall time than of the time that this machine was awake is a jump: it slept, or
/// somebody set the clock. Daily corrections are far smaller.
const JUMP: Duration = Duration::from_secs(2);

/// Both clocks at one moment. The first stands still while the machine sleeps.
#[derive(Clone, Copy)]
pub(super) struct Clocks {
    awake: Instant,
    wall: SystemTime,
}

impl Clocks {
    pub(super) fn now() -> Clocks {
        Clocks {
            awake: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    /// Whether they went apart since `before`.
    fn jumped_since(&self, before: &Clocks) -> bool {
        let awake = self.awake.saturating_duration_since(before.awake);
        match self.wall.duration_since(before.wall) {
            Ok(wall) => wall.abs_diff(awake) >= JUMP,
            Err(back) => back.duration() + awake >= JUMP,
        }
    }
}

impl Worker {
    /// Takes an event in. It is not polled again too soon: the next time comes by itself.
    pub(super) fn event(&mut self, event: &FileEvent) {
        if event.kind != FileEventKind::Poll || event.at >= self.next_poll {
            self.settle.event(event);
        }
    }

    /// A comparison that takes long, as on a slow network, is not repeated at once.
    pub(super) fn pause_polling(&mut self, batch: &Batch, took: Duration) {
        if batch.is_poll {
            self.next_poll = self.now() + took * POLL_PAUSE_FACTOR;
        }
    }

    /// Reads what has settled, tries again what could not be read, wakes the host.
    pub(super) fn look_where_due(&mut self) {
        self.look_at_everything_after_a_jump();
        let now = self.now();
        if self.wake_at.is_some_and(|at| at <= Instant::now()) {
            self.wake_at = None;
            self.wake_host();
        }
        if self.retry.as_ref().is_some_and(|(at, _)| *at <= now) {
            let retry = self.retry.take();
            self.read(Batch {
                looks: retry.map(|(_, looks)| looks).unwrap_or_default(),
                first_event: now,
                last_event: now,
                ..Batch::default()
            });
        }
        let is_due = self.settle.next_wake().is_some_and(|at| at <= now);
        if is_due
            && !self.is_version_control_at_work()
            && let Some(mut batch) = self.settle.due(now)
        {
            // A single file is a save, whatever version control has done before.
            if batch.looks.len() > 1 && self.was_version_control_at_work() {
                self.look_at_every_mod(&mut batch);
            }
            self.read(batch);
        }
    }

    /// Whether version control has worked on what lies around the mods since this was asked last. Its events may still
    /// be on their way.
    fn was_version_control_at_work(&mut self) -> bool {
        let now = self.repositories.operations(std::iter::empty());
        let before = std::mem::replace(&mut self.operations_seen, now);
        std::mem::take(&mut self.is_after_operation) || before != self.operations_seen
    }

    /// What version control has changed is read at one moment, whatever of it is told already.
    fn look_at_every_mod(&self, batch: &mut Batch) {
        let looks = self.mods.keys().map(|folder| Look {
            root: Root::Mods,
            path: folder.clone(),
        });
        batch.looks.extend(looks);
        batch.looks.sort();
    }

    /// Whether somebody is about to change many files: those that wait are left to him.
    fn is_version_control_at_work(&mut self) -> bool {
        let age = self.repositories.operation_age(self.settle.folders());
        let now = self.now();
        let is_at_work = age.is_some_and(|age| self.settle.wait_for_operation(age, now));
        self.is_after_operation |= is_at_work;
        is_at_work
    }

    /// How far version control has come where this is read.
    pub(super) fn operations(&self, batch: &Batch) -> Operations {
        let folders = batch.looks.iter().map(Look::first_part);
        self.repositories.operations(folders)
    }

    /// Whether version control worked while this was read, and perhaps still does: then it is half of the old and
    /// half of the new. A comparison of everything goes through: somebody waits for it.
    pub(super) fn is_half_of_an_operation(&mut self, batch: &Batch, before: &Operations) -> bool {
        if batch.rescan {
            return false;
        }
        let folders = batch.looks.iter().map(Look::first_part);
        let age = self.repositories.operation_age(folders);
        let now = self.now();
        let is_at_work = age.is_some_and(|age| self.settle.wait_for_operation(age, now));
        let is_half = is_at_work || self.operations(batch) != *before;
        self.is_after_operation |= is_half;
        is_half
    }

    /// A mod stays as it was read before while one of its files is written, and until a file that lost its text
    /// has had its quiet time: its writer may be between two steps. Where nobody tells what is complete, that
    /// holds for every file that is different.
    pub(super) fn hold_what_is_doubtful(
        &mut self,
        folder: &mut FolderReading,
        batch: &Batch,
        now: Duration,
    ) {
        for (name, before) in self.mods.iter() {
            let new = folder.mods.get(name);
            if new.is_some_and(|new| Arc::ptr_eq(new, &before.files)) {
                self.polled.remove(name);
                continue;
            }
            let mut looks = looks_at(&before.files, doubtful(&before.files, new.map(Arc::as_ref)));
            let is_polled = batch.is_poll || self.polled.contains_key(name);
            if let Some(new) = new.filter(|_| is_polled) {
                let other = looks_at(&before.files, different(&before.files, new));
                let polled = self.polled.entry(name.clone()).or_default();
                // What was believed was another content.
                if polled.differs(new.hash()) {
                    other.iter().for_each(|look| self.settle.doubt_anew(look));
                }
                looks.extend(other);
            }
            if self.settle.hold(&looks, now) || self.settle.is_waiting(name) {
                folder.mods.insert(name.clone(), before.files.clone());
            } else {
                self.polled.remove(name);
            }
        }
    }

    /// Watches as the settings say, anew.
    pub(super) fn watch(&mut self) {
        let hot_reload = &self.settings.hot_reload;
        let place = &self.place;
        let is_wanted = place.is_watching && hot_reload.enabled && hot_reload.watch_mod_directory;
        let (rules, _) = place.rules(hot_reload);
        let start = || Watcher::start(&place.roots, rules, self.start, place.poll);
        self.watcher = is_wanted.then(start);
    }

    /// A watcher that has stopped by itself: another one takes its place, a few times, and everything is compared.
    pub(super) fn watch_anew_if_dead(&mut self) {
        if !self.watcher.as_ref().is_some_and(Watcher::is_dead) {
            return;
        }
        self.watcher = None;
        self.watcher_failures += 1;
        if self.watcher_failures <= WATCHER_FAILURES_MAX {
            self.watch();
        }
        self.rescan(self.ticket);
    }

    /// Why not everything is told at once.
    pub(super) fn problems_of_the_watcher(&self) -> Vec<Problem> {
        let mut problems = self
            .watcher
            .as_ref()
            .map_or_else(Vec::new, Watcher::problems);
        if self.watcher_failures > 0 {
            let because = "had a watcher that stopped by itself";
            let hint = match &self.watcher {
                Some(_) => "nothing to do: it was started again, and everything was compared",
                None => {
                    "changes are not noticed any more: start again, or ask with `check_updates`"
                }
            };
            let problem = Problem::warning(Code::WATCH_DEGRADED, because);
            problems.push(problem.at(Place::file(".")).hint(hint));
        }
        problems
    }

    pub(super) fn events(&self) -> Receiver<FileEvent> {
        let watcher = self.watcher.as_ref();
        watcher.map_or_else(never, |watcher| watcher.events().clone())
    }

    /// After a sleep of the machine, or another time on its clock, no event and no time stamp is trusted.
    fn look_at_everything_after_a_jump(&mut self) {
        let now = Clocks::now();
        let before = std::mem::replace(&mut self.clocks, now);
        if self.place.is_watching && now.jumped_since(&before) {
            self.reader.suspect(&Look::mods(""));
            self.reader.suspect(&Look::player_config(""));
            self.rescan(self.ticket);
        }
    }
}

/// What was read of a mod of which nobody tells when it is complete.
#[derive(Default)]
pub(super) struct Polled {
    hash: Option<ContentHash>,
    differed: u32,
}

impl Polled {
    /// Whether it is something else than at the last look, and not something else all the time.
    fn differs(&mut self, hash: ContentHash) -> bool {
        let before = self.hash.replace(hash);
        let differs = before.is_some_and(|before| before != hash);
        self.differed += u32::from(differs);
        (differs || before.is_none()) && self.differed < POLLED_OTHERWISE_MAX
    }
}

fn looks_at(files: &ModFiles, paths: Vec<Arc<str>>) -> Vec<Look> {
    let looks = paths.iter();
    looks
        .map(|path| Look::mods(files.display_path(path)))
        .collect()
}

/// The files that are not in both with the same content.
fn different(before: &ModFiles, new: &ModFiles) -> Vec<Arc<str>> {
    let changes = before.changes_to(new).into_iter();
    changes.map(|change| change.path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "watch")]
    #[test]
    fn a_watcher_that_dies_is_started_again_and_that_is_said_once() {
        use crate::manager::follow::{Place, Reading, Shared};

        let root = crate::disk::folder_for_a_test().unwrap();
        let file = root.path().join("mods/economy/mod.toml");
        crate::disk::write_atomic(&file, b"").unwrap();
        let place = Place {
            roots: crate::disk::Roots::beside(root.path().join("mods")),
            is_watching: true,
            poll: None,
            bytecode: None,
            script: None,
            retry: None,
            quiet_time: None,
        };
        let shared = Arc::new(Shared::default());
        let mut worker = Worker::new(place, shared.clone(), None);
        let (orders, received) = crossbeam_channel::unbounded();
        let until = |is_so: &dyn Fn(&Reading) -> bool| {
            let deadline = Instant::now() + Duration::from_secs(30);
            loop {
                assert!(Instant::now() < deadline);
                shared.wait_until(deadline);
                let reading = shared.take();
                if let Some(reading) = reading.filter(|reading| is_so(reading)) {
                    return reading;
                }
            }
        };
        let deaths = |reading: &Reading| {
            let problems = reading.problems.iter();
            problems
                .filter(|problem| problem.because.contains("stopped by itself"))
                .count()
        };
        worker.watcher.as_ref().unwrap().kill();
        let thread = std::thread::spawn(move || worker.run(&received));
        until(&|reading| deaths(reading) == 1);
        let text = b"id = \"economy\"\nversion = \"7.0.0\"";
        crate::disk::write_atomic(&file, text).unwrap();
        let reading = until(&|reading| {
            let read = reading.mods.get("economy").and_then(|read| read.version());
            read.is_some_and(|version| version.major == 7)
        });
        assert_eq!(deaths(&reading), 1);
        drop(orders);
        thread.join().unwrap();
    }

    #[test]
    fn a_sleep_and_a_set_clock_are_jumps_and_a_corrected_one_is_none() {
        let before = Clocks::now();
        let second = Duration::from_secs(1);
        let check = |awake: Duration, wall: f64, is_jump| {
            let offset = Duration::from_secs_f64(wall.abs());
            let after = Clocks {
                awake: before.awake + awake,
                wall: match wall < 0.0 {
                    true => before.wall - offset,
                    false => before.wall + offset,
                },
            };
            assert_eq!(after.jumped_since(&before), is_jump, "{awake:?} {wall}");
        };
        check(second, 1.0, false);
        check(second * 3600, 3600.5, false);
        check(second * 3600, 3599.5, false);
        check(second, 600.0, true);
        check(second * 600, 1.0, true);
        check(second, -600.0, true);
        check(Duration::ZERO, -0.5, false);
    }
}
