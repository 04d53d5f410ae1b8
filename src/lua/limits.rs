//! The time limit: one [`Watchdog`] thread for all VMs, asleep unless a call may be over its deadline.
//!
//! A call costs one clock reading and two atomic operations. The watchdog is woken only when a call is due
//! earlier than its next look; in a busy game it looks a few times a second, in an idle one it sleeps.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

#[cfg(not(feature = "luau"))]
pub(in crate::lua) use super::hook::Interrupt;
#[cfg(feature = "luau")]
pub(in crate::lua) use super::raw::Interrupt;

const NEVER: u64 = u64::MAX;

/// How long the watchdog goes on looking after the last call that it saw.
const LOOK_INTERVAL: Duration = Duration::from_millis(40);

/// When the running call of one VM must have ended, in nanoseconds of the watchdog's clock.
pub(in crate::lua) struct Deadline {
    start: Instant,
    at: AtomicU64,
}

impl Deadline {
    fn new(start: Instant) -> Deadline {
        Deadline {
            start,
            at: AtomicU64::new(NEVER),
        }
    }

    /// Whether a call is running that should have ended.
    pub(in crate::lua) fn has_passed(&self) -> bool {
        nanoseconds_since(self.start) >= self.at.load(Ordering::SeqCst)
    }
}

fn nanoseconds_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(NEVER)
}

/// The thread that arms a VM's interrupt when its call is over its deadline.
pub(in crate::lua) struct Watchdog {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    start: Instant,
    /// When the watchdog looks next by itself.
    next_look: AtomicU64,
    watched: Mutex<Watched>,
    wake: Condvar,
}

#[derive(Default)]
struct Watched {
    interrupts: Vec<Weak<Interrupt>>,
    is_called: bool,
    is_stopping: bool,
}

/// A call that is being timed; it ends when this is dropped.
pub(in crate::lua) struct Timed<'a>(Option<&'a Deadline>);

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        if let Some(deadline) = self.0 {
            deadline.at.store(NEVER, Ordering::SeqCst);
        }
    }
}

impl Watchdog {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system can't start a thread.
    pub(in crate::lua) fn start() -> std::io::Result<Watchdog> {
        let shared = Arc::new(Shared {
            start: Instant::now(),
            next_look: AtomicU64::new(NEVER),
            watched: Mutex::default(),
            wake: Condvar::new(),
        });
        let thread = std::thread::Builder::new()
            .name("lunation-watchdog".into())
            .spawn({
                let shared = shared.clone();
                move || shared.run()
            })?;
        Ok(Watchdog {
            shared,
            thread: Some(thread),
        })
    }

    /// A new interrupt, watched from now on.
    pub(in crate::lua) fn interrupt(&self) -> Arc<Interrupt> {
        let interrupt = Arc::new(Interrupt::new(Deadline::new(self.shared.start)));
        let mut watched = self.shared.watched.lock();
        watched
            .interrupts
            .retain(|interrupt| interrupt.strong_count() > 0);
        watched.interrupts.push(Arc::downgrade(&interrupt));
        interrupt
    }

    /// Times a call. A call inside a call of the same VM runs on the outer one's time.
    pub(in crate::lua) fn time<'a>(&self, interrupt: &'a Interrupt, limit: Duration) -> Timed<'a> {
        let deadline = interrupt.deadline();
        if deadline.at.load(Ordering::Relaxed) != NEVER {
            return Timed(None);
        }
        let limit = u64::try_from(limit.as_nanos()).unwrap_or(NEVER);
        let at = nanoseconds_since(self.shared.start).saturating_add(limit);
        deadline.at.store(at, Ordering::SeqCst);
        if at < self.shared.next_look.load(Ordering::SeqCst) {
            self.shared.call();
        }
        Timed(Some(deadline))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.watched.lock().is_stopping = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    #[cold]
    fn call(&self) {
        self.watched.lock().is_called = true;
        self.wake.notify_one();
    }

    fn run(&self) {
        let mut watched = self.watched.lock();
        let mut last_busy = None;
        while !watched.is_stopping {
            let is_called = std::mem::take(&mut watched.is_called);
            let now = nanoseconds_since(self.start);
            let (is_busy, due) = self.look(&watched, now);
            if is_called || is_busy {
                last_busy = Some(now);
            }
            let linger = last_busy.map_or(NEVER, |at| {
                at.saturating_add(2 * LOOK_INTERVAL.as_nanos() as u64)
            });
            let next = match due {
                NEVER if linger > now && linger != NEVER => now + LOOK_INTERVAL.as_nanos() as u64,
                due => due,
            };
            self.next_look.store(next, Ordering::SeqCst);
            // A call that started before the store above saw the old time and did not wake us: look again.
            let (_, due) = self.look(&watched, nanoseconds_since(self.start));
            if due < next || watched.is_called {
                continue;
            }
            match next {
                NEVER => self.wake.wait(&mut watched),
                next => {
                    let wait =
                        Duration::from_nanos(next.saturating_sub(nanoseconds_since(self.start)));
                    self.wake.wait_for(&mut watched, wait);
                }
            }
        }
    }

    /// Arms what is overdue; says whether any call is running and when the next look is due.
    fn look(&self, watched: &Watched, now: u64) -> (bool, u64) {
        let mut is_busy = false;
        let mut next = NEVER;
        for interrupt in watched.interrupts.iter().filter_map(Weak::upgrade) {
            let at = interrupt.deadline().at.load(Ordering::SeqCst);
            is_busy |= at != NEVER;
            if at > now {
                next = next.min(at);
            } else if !interrupt.has_tripped() {
                interrupt.arm();
                // It may be between two safepoints, or the call may just have ended: look again soon.
                next = next.min(now + 1_000_000);
            }
        }
        (is_busy, next)
    }
}
