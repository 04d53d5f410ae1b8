//! [`Subscription`]: hears what happens to mods, from any thread; the oldest is dropped when it is slow.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::reload::ModEvent;

/// Events that one subscription keeps.
const EVENTS_MAX: usize = 4096;

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
    dropped: u64,
}

impl Subscription {
    /// The oldest event that was not taken yet.
    pub fn try_recv(&self) -> Option<ModEvent> {
        self.0.waiting.lock().events.pop_front()
    }

    /// The oldest event that was not taken yet; waits for one at most `timeout`.
    pub fn recv_timeout(&self, timeout: Duration) -> Option<ModEvent> {
        let deadline = Instant::now() + timeout;
        let mut waiting = self.0.waiting.lock();
        while waiting.events.is_empty() {
            if self
                .0
                .arrived
                .wait_until(&mut waiting, deadline)
                .timed_out()
            {
                break;
            }
        }
        waiting.events.pop_front()
    }

    /// How many events were dropped because they were not taken in time.
    pub fn dropped(&self) -> u64 {
        self.0.waiting.lock().dropped
    }
}

/// All subscriptions of a manager.
#[derive(Default)]
pub(super) struct Subscribers(Vec<Weak<Shared>>);

impl Subscribers {
    pub(super) fn subscribe(&mut self) -> Subscription {
        let shared = Arc::new(Shared::default());
        self.0.push(Arc::downgrade(&shared));
        Subscription(shared)
    }

    /// To be called by [`tell`](super::ModManager::tell) alone, which counts and writes down as well.
    pub(super) fn send(&mut self, event: &ModEvent) {
        self.0.retain(|subscriber| {
            let Some(subscriber) = subscriber.upgrade() else {
                return false;
            };
            let mut waiting = subscriber.waiting.lock();
            if waiting.events.len() >= EVENTS_MAX {
                waiting.events.pop_front();
                waiting.dropped += 1;
            }
            waiting.events.push_back(event.clone());
            subscriber.arrived.notify_all();
            true
        });
    }
}
