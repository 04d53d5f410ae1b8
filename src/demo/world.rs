//! [`World`]: colonists who take the most urgent job and work on it, tick by tick.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{ModId, Value};

/// The colony.
#[derive(Debug)]
pub struct World {
    tick: u64,
    colonists: Vec<Colonist>,
    /// By id.
    jobs: BTreeMap<u64, Job>,
    last_job: u64,
    mod_states: BTreeMap<ModId, Value>,
    happenings: Vec<Happening>,
}

/// Somebody who lives in the colony.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Colonist {
    /// Counts from 1.
    pub id: u64,
    /// What the others say.
    pub name: String,
    /// From 0, miserable, to 1, content.
    pub mood: f64,
    /// The job that the colonist is at.
    pub job: Option<u64>,
}

/// Something that is to be done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job {
    /// Counts from 1.
    pub id: u64,
    /// What is done: `dig`, or whatever a mod says.
    pub kind: String,
    /// The higher, the sooner.
    pub priority: f64,
    /// Ticks of work that are left.
    pub work_left: u32,
    /// The colonist who is at it.
    pub worker: Option<u64>,
}

/// Something that mods are told about.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Happening {
    /// Used when somebody, the colony or a mod, has asked for a job.
    Created(Job),
    /// Used when a job is finished.
    Done(Job),
}

/// The most jobs that wait at a time; a mod that wants more has a bug.
const JOBS_MAX: usize = 1000;

/// The longest kind of a job, in bytes.
const KIND_BYTES_MAX: usize = 64;

/// The ticks of work in a job.
const WORK: u32 = 12;

/// Every so many ticks the colony itself finds something to do.
const CHORE_EVERY: u64 = 20;

const CHORES: [&str; 4] = ["dig", "cook", "mine", "haul"];

impl Default for World {
    fn default() -> World {
        let colonist = |(index, name): (usize, &str)| Colonist {
            id: index as u64 + 1,
            name: name.to_owned(),
            mood: 0.75,
            job: None,
        };
        World {
            tick: 0,
            colonists: ["Ada", "Bela", "Cyan"]
                .into_iter()
                .enumerate()
                .map(colonist)
                .collect(),
            jobs: BTreeMap::new(),
            last_job: 0,
            mod_states: BTreeMap::new(),
            happenings: Vec::new(),
        }
    }
}

impl World {
    /// The ticks since the start.
    pub fn tick(&self) -> u64 {
        self.tick
    }

    /// Everybody, by id.
    pub fn colonists(&self) -> &[Colonist] {
        &self.colonists
    }

    /// The jobs that are not done yet, by id.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values()
    }

    pub(super) fn colonist_mut(&mut self, id: u64) -> Option<&mut Colonist> {
        self.colonists.iter_mut().find(|colonist| colonist.id == id)
    }

    /// The id of the colonist of this name.
    pub(super) fn colonist_named(&self, name: &str) -> Option<u64> {
        let mut all = self.colonists.iter();
        all.find(|colonist| colonist.name == name).map(|c| c.id)
    }

    /// Lets a colonist leave for good. A job that is begun waits for somebody else.
    pub(super) fn let_go(&mut self, id: u64) {
        self.colonists.retain(|colonist| colonist.id != id);
        for job in self.jobs.values_mut() {
            job.worker = job.worker.filter(|worker| *worker != id);
        }
    }

    /// Gives a job to a colonist; who was at it, and what the colonist was at, is free again.
    pub(super) fn hand_over(&mut self, job: u64, to: u64) {
        for known in self.jobs.values_mut() {
            match known.id == job {
                true => known.worker = Some(to),
                false => known.worker = known.worker.filter(|worker| *worker != to),
            }
        }
        for colonist in &mut self.colonists {
            match colonist.id == to {
                true => colonist.job = Some(job),
                false => colonist.job = colonist.job.filter(|at| *at != job),
            }
        }
    }

    pub(super) fn mod_state(&self, mod_id: &ModId) -> Option<&Value> {
        self.mod_states.get(mod_id)
    }

    pub(super) fn save_mod_state(&mut self, mod_id: ModId, state: Value) {
        self.mod_states.insert(mod_id, state);
    }

    /// Asks for a job; its id.
    pub(super) fn create_job(&mut self, kind: &str, priority: f64) -> Result<u64, String> {
        if kind.is_empty() || kind.len() > KIND_BYTES_MAX {
            return Err(format!(
                "the kind of a job has 1 to {KIND_BYTES_MAX} bytes, not {}",
                kind.len()
            ));
        }
        if !priority.is_finite() {
            return Err(format!("{priority} is no priority"));
        }
        if self.jobs.len() >= JOBS_MAX {
            return Err(format!("{JOBS_MAX} jobs are waiting already"));
        }
        self.last_job += 1;
        let job = Job {
            id: self.last_job,
            kind: kind.to_owned(),
            priority,
            work_left: WORK,
            worker: None,
        };
        self.happenings.push(Happening::Created(job.clone()));
        self.jobs.insert(job.id, job);
        Ok(self.last_job)
    }

    /// Whether there was such a job.
    pub(super) fn cancel_job(&mut self, id: u64) -> bool {
        let Some(job) = self.jobs.remove(&id) else {
            return false;
        };
        if let Some(worker) = job.worker.and_then(|worker| self.colonist_mut(worker)) {
            worker.job = None;
        }
        true
    }

    pub(super) fn start_tick(&mut self) {
        self.tick += 1;
    }

    /// The colony lives on for one tick: a chore now and then, and who is free takes the most urgent job.
    pub(super) fn work(&mut self) {
        if self.tick % CHORE_EVERY == 1 && self.jobs.len() < self.colonists.len() {
            let chore = (self.tick / CHORE_EVERY) as usize % CHORES.len();
            // Few jobs wait, and a chore has a fair name: this can't be refused.
            let _ = self.create_job(CHORES[chore], 0.0);
        }
        self.share_out();
        self.make_progress();
    }

    fn share_out(&mut self) {
        for colonist in self.colonists.iter_mut().filter(|c| c.job.is_none()) {
            let waiting = self.jobs.values_mut().filter(|job| job.worker.is_none());
            // Of equally urgent jobs the oldest.
            let urgent = waiting.reduce(|one, other| match other.priority > one.priority {
                true => other,
                false => one,
            });
            let Some(job) = urgent else { return };
            job.worker = Some(colonist.id);
            colonist.job = Some(job.id);
        }
    }

    fn make_progress(&mut self) {
        for colonist in &mut self.colonists {
            let Some(job) = colonist.job.and_then(|id| self.jobs.get_mut(&id)) else {
                continue;
            };
            job.work_left -= 1;
            if job.work_left == 0 {
                colonist.job = None;
                self.happenings.push(Happening::Done(job.clone()));
            }
        }
        self.jobs.retain(|_, job| job.work_left > 0);
    }

    /// What happened since it was last asked, in order.
    pub(super) fn take_happenings(&mut self) -> Vec<Happening> {
        std::mem::take(&mut self.happenings)
    }
}

/// What handlers get: `event.job`.
#[derive(Serialize)]
pub(super) struct JobPayload<'a> {
    job: &'a Job,
}

impl Happening {
    /// The event's name and what its handlers get.
    pub(super) fn as_event(&self) -> (&'static str, JobPayload<'_>) {
        match self {
            Happening::Created(job) => ("job_created", JobPayload { job }),
            Happening::Done(job) => ("job_done", JobPayload { job }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world_after(ticks: u64, mut each: impl FnMut(&mut World)) -> (World, Vec<Happening>) {
        let (mut world, mut all) = (World::default(), Vec::new());
        for _ in 0..ticks {
            world.start_tick();
            each(&mut world);
            world.work();
            all.extend(world.take_happenings());
        }
        (world, all)
    }

    fn done(happenings: &[Happening]) -> Vec<&str> {
        let done = happenings.iter().filter_map(|happening| match happening {
            Happening::Done(job) => Some(job.kind.as_str()),
            Happening::Created(_) => None,
        });
        done.collect()
    }

    #[test]
    fn the_colony_keeps_itself_busy_and_repeats_itself_exactly() {
        let (_, once) = world_after(200, |_| {});
        let (_, again) = world_after(200, |_| {});
        assert_eq!(once, again);
        assert_eq!(done(&once)[..4], ["dig", "cook", "mine", "haul"]);
    }

    #[test]
    fn the_most_urgent_job_is_done_first_and_of_equals_the_oldest() {
        let (_, all) = world_after(40, |world| {
            if world.tick() == 1 {
                for (kind, priority) in [("a", 1.0), ("b", 1.0), ("c", 2.0), ("d", 1.0)] {
                    world.create_job(kind, priority).unwrap();
                }
            }
        });
        assert_eq!(done(&all)[..4], ["c", "a", "b", "d"]);
    }

    #[test]
    fn a_cancelled_job_frees_who_was_at_it_and_is_never_done() {
        let (world, all) = world_after(30, |world| match world.tick() {
            1 => drop(world.create_job("wait", 9.0)),
            5 => assert!(world.cancel_job(1) && !world.cancel_job(1)),
            _ => {}
        });
        assert!(!done(&all).contains(&"wait"));
        assert!(world.colonists().iter().all(|c| c.job != Some(1)));
    }

    #[test]
    fn a_mod_can_not_flood_the_colony_with_jobs() {
        let mut world = World::default();
        for _ in 0..JOBS_MAX {
            world.create_job("dig", 0.0).unwrap();
        }
        assert!(world.create_job("dig", 0.0).is_err());
        assert!(World::default().create_job("", 0.0).is_err());
        assert!(World::default().create_job("dig", f64::NAN).is_err());
    }
}
