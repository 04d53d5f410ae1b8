//! [`Subscription`]: hears what happens to mods, from any thread; the oldest is dropped when it is slow.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::mod_id::ModId;
use crate::reload::ModEvent;

use super::ModManager;

/// Events that one subscription keeps.
const EVENTS_MAX: usize = 4096;

/// Among so many of the newest events an error is looked for that is told again.
const AGAIN_MAX: usize = 64;

/// Hears what happens to mods. It can be sent to another thread.
pub struct Subscription(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<ModEvent>,
    /// How many of them are errors of a mod.
    errors: BTreeMap<ModId, usize>,
    dropped: u64,
    /// Whether the manager is gone: nothing more will come.
    is_over: bool,
}

impl Waiting {
    fn pop(&mut self) -> Option<ModEvent> {
        let event = self.events.pop_front();
        if let Some(ModEvent::Error { mod_id, .. }) = &event
            && let Some(errors) = self.errors.get_mut(mod_id)
        {
            *errors -= 1;
        }
        event
    }

    fn push(&mut self, event: ModEvent) {
        if self.events.len() >= EVENTS_MAX {
            self.pop();
            self.dropped += 1;
        }
        if let ModEvent::Error { mod_id, .. } = &event {
            *self.errors.entry(mod_id.clone()).or_default() += 1;
        }
        self.events.push_back(event);
    }

    /// Takes an error in: the same one again is counted, and so is what comes after `each_max` of its mod.
    fn push_error(&mut self, mut event: ModEvent, each_max: usize) {
        if self.count_again(&event) {
            return;
        }
        if let ModEvent::Error {
            mod_id, problem, ..
        } = &mut event
            && self.errors.get(mod_id).is_some_and(|own| *own >= each_max)
        {
            *problem = problem.rest(each_max);
            if self.count_again(&event) {
                return;
            }
        }
        self.push(event);
    }

    /// Counts an error that is among the newest events; whether it is.
    fn count_again(&mut self, event: &ModEvent) -> bool {
        let ModEvent::Error {
            generation,
            problem,
            ..
        } = event
        else {
            return false;
        };
        self.events
            .iter_mut()
            .rev()
            .take(AGAIN_MAX)
            .any(|it| match it {
                ModEvent::Error {
                    generation: of,
                    problem: known,
                    ..
                } if of == generation && known.is_again(problem) => {
                    known.times = known.times.saturating_add(problem.times);
                    true
                }
                _ => false,
            })
    }
}

impl Subscription {
    /// The oldest event that was not taken yet.
    pub fn try_recv(&self) -> Option<ModEvent> {
        self.0.waiting.lock().pop()
    }

    /// The oldest event that was not taken yet; waits for one at most `timeout`, and not at all once the
    /// manager is gone.
    pub fn recv_timeout(&self, timeout: Duration) -> Option<ModEvent> {
        let deadline = Instant::now() + timeout;
        let mut waiting = self.0.waiting.lock();
        while waiting.events.is_empty() && !waiting.is_over {
            if self
                .0
                .arrived
                .wait_until(&mut waiting, deadline)
                .timed_out()
            {
                break;
            }
        }
        waiting.pop()
    }

    /// Whether the manager is gone: what was not taken yet is all that there will be.
    pub fn is_over(&self) -> bool {
        self.0.waiting.lock().is_over
    }

    /// How many events were dropped because they were not taken in time.
    pub fn dropped(&self) -> u64 {
        self.0.waiting.lock().dropped
    }
}

/// All subscriptions of a manager.
#[derive(Default)]
pub(super) struct Subscribers(Vec<Weak<Shared>>);

impl ModManager {
    /// Hears what happens to mods from now on.
    pub fn subscribe(&mut self) -> Subscription {
        self.subscribers.subscribe()
    }
}

impl Subscribers {
    pub(super) fn subscribe(&mut self) -> Subscription {
        let shared = Arc::new(Shared::default());
        self.0.push(Arc::downgrade(&shared));
        Subscription(shared)
    }

    /// To be called by [`tell`](super::ModManager::tell) alone, which counts and writes down as well.
    pub(super) fn send(&mut self, event: &ModEvent) {
        self.for_each(|waiting| waiting.push(event.clone()));
    }

    /// Tells of an error, which is neither counted nor written down. A mod that raises the same one again and
    /// again, or ever new ones, leaves room for everything else.
    pub(super) fn send_error(&mut self, event: &ModEvent, each_max: usize) {
        self.for_each(|waiting| waiting.push_error(event.clone(), each_max));
    }

    fn for_each(&mut self, work: impl Fn(&mut Waiting)) {
        self.0.retain(|subscriber| {
            let Some(subscriber) = subscriber.upgrade() else {
                return false;
            };
            work(&mut subscriber.waiting.lock());
            subscriber.arrived.notify_all();
            true
        });
    }
}

impl Drop for Subscribers {
    fn drop(&mut self) {
        self.for_each(|waiting| waiting.is_over = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Code, Problem};

    fn error(mod_id: &str, because: &str) -> ModEvent {
        let mod_id = mod_id.parse().unwrap();
        ModEvent::Error {
            problem: Problem::error(Code::LUA_ERROR, because).of(&mod_id),
            mod_id,
            generation: 1,
        }
    }

    fn removed() -> ModEvent {
        ModEvent::Removed {
            mod_id: "other".parse().unwrap(),
            generation: 0,
        }
    }

    /// What was told: the errors by how often, anything else as 0.
    fn told(events: &Subscription) -> Vec<u32> {
        let next = || events.try_recv();
        let times = |event| match event {
            ModEvent::Error { problem, .. } => problem.times,
            _ => 0,
        };
        std::iter::from_fn(next).map(times).collect()
    }

    #[test]
    fn errors_of_one_mod_leave_room_for_everything_else() {
        let mut subscribers = Subscribers::default();
        let events = subscribers.subscribe();
        subscribers.send(&removed());
        for n in 0..10_000 {
            subscribers.send_error(&error("same", "fails"), 2);
            subscribers.send_error(&error("ever-new", &format!("fails {n}")), 2);
        }
        assert_eq!(told(&events), [0, 10_000, 1, 1, 9_998]);
        assert_eq!(events.dropped(), 0);
        subscribers.send_error(&error("ever-new", "fails"), 2);
        assert_eq!(told(&events), [1], "what was taken makes room");
    }

    #[test]
    fn a_subscription_outlives_its_manager_and_says_so() {
        let mut subscribers = Subscribers::default();
        let events = subscribers.subscribe();
        subscribers.send(&removed());
        assert!(!events.is_over());
        drop(subscribers);
        assert!(events.is_over());
        assert_eq!(told(&events), [0]);
        let patience = Duration::from_secs(3600);
        assert_eq!(events.recv_timeout(patience), None);
    }
}
