//! The time limit: one [`Watchdog`] thread for all VMs, asleep unless a call is running.
//!
//! A call costs four plain stores into memory that every call uses: no clock is read, no lock taken. The
//! watchdog looks every few milliseconds which calls are running. One whose thread has had more processor
//! time than the limit since the call was first seen has the interrupt of its VM armed. So a call ends at
//! the latest [`LOOK_INTERVAL`] after its limit. While nothing runs the watchdog sleeps, and is woken once
//! when something does.

use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

#[cfg(not(feature = "luau"))]
pub(in crate::lua) use super::hook::Interrupt;
use super::raw::CpuClock;
#[cfg(feature = "luau")]
pub(in crate::lua) use super::raw::Interrupt;

/// The time between two looks at what is running. A call is first seen up to one look after it began, and
/// ends that much after its limit; most of the 10 ms that an overrun may take are left for what can't be stopped.
const LOOK_INTERVAL: Duration = Duration::from_millis(2);

/// How much longer than its limit a call may run that waits for another one: that one began later, and is
/// stopped first if it is the one that does not end. As much time it has to go on after that one was stopped.
const GRACE: Duration = LOOK_INTERVAL.saturating_mul(2);

/// Looks without anything running before the watchdog goes to sleep: at 60 frames a second it need not be
/// woken for each.
const IDLE_LOOKS: u32 = 15;

/// The deepest nesting of calls, of all VMs together.
const DEPTH_MAX: usize = 64;

/// The calls that are running, outermost first. Written by the thread that runs them, read by the watchdog.
pub(in crate::lua) struct Calls {
    depth: AtomicUsize,
    last_serial: AtomicU64,
    /// How often a call was to be stopped.
    stops: AtomicU64,
    /// Whether whoever runs calls has said so, so that the single calls need not.
    is_busy: AtomicBool,
    /// Whether the watchdog sleeps until somebody wakes it.
    is_asleep: AtomicBool,
    /// The processor time of the thread that runs them.
    clock: CpuClock,
    running: [Running; DEPTH_MAX],
}

/// One running call.
struct Running {
    serial: AtomicU64,
    interrupt: AtomicPtr<Interrupt>,
    limit_nanos: AtomicU64,
}

impl Calls {
    fn new() -> Calls {
        Calls {
            depth: AtomicUsize::new(0),
            last_serial: AtomicU64::new(0),
            stops: AtomicU64::new(0),
            is_busy: AtomicBool::new(false),
            is_asleep: AtomicBool::new(false),
            clock: CpuClock::new(),
            running: std::array::from_fn(|_| Running {
                serial: AtomicU64::new(0),
                interrupt: AtomicPtr::default(),
                limit_nanos: AtomicU64::new(0),
            }),
        }
    }

    /// Whether the call `serial` is running.
    pub(in crate::lua) fn is_running(&self, serial: u64) -> bool {
        let depth = self.depth.load(Ordering::Acquire).min(DEPTH_MAX);
        self.running[..depth]
            .iter()
            .any(|call| call.serial.load(Ordering::Relaxed) == serial)
    }

    fn is_idle(&self) -> bool {
        self.depth.load(Ordering::SeqCst) == 0 && !self.is_busy.load(Ordering::SeqCst)
    }
}

/// The thread that stops calls that run longer than their limit.
pub(in crate::lua) struct Watchdog {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    calls: Arc<Calls>,
    watched: Mutex<Watched>,
    wake: Condvar,
}

#[derive(Default)]
struct Watched {
    interrupts: Vec<Weak<Interrupt>>,
    is_stopping: bool,
}

impl Watched {
    /// The interrupt at this address, if its VM is still there.
    fn find(&self, interrupt: *const Interrupt) -> Option<Arc<Interrupt>> {
        let mut all = self.interrupts.iter();
        all.find(|known| known.as_ptr() == interrupt)?.upgrade()
    }
}

/// What the watchdog knows of a running call from its last look.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// Which call it is; 0 for none.
    serial: u64,
    /// When it was first seen.
    since: Duration,
    /// Whether it waited, at the last look, for one that had to be stopped.
    has_waited: bool,
    /// It is not stopped before it has run that long, since it waited so.
    spared: Duration,
}

/// A call that is being timed; it ends when this is dropped.
pub(in crate::lua) struct Timed<'a> {
    calls: &'a Calls,
    depth: usize,
    stops: u64,
}

impl Timed<'_> {
    /// Whether the watchdog has stopped any call since this one began.
    #[inline]
    pub(in crate::lua) fn is_any_stopped(&self) -> bool {
        self.calls.stops.load(Ordering::Acquire) != self.stops
    }
}

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        self.calls.depth.store(self.depth, Ordering::Release);
    }
}

/// A time in which many calls are made; it ends when this is dropped.
pub struct Busy(Option<Arc<Calls>>);

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(calls) = &self.0 {
            calls.is_busy.store(false, Ordering::Release);
        }
    }
}

impl Watchdog {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system can't start a thread.
    pub(in crate::lua) fn start() -> std::io::Result<Watchdog> {
        let calls = Arc::new(Calls::new());
        let shared = Arc::new(Shared {
            calls,
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
        let interrupt = Arc::new(Interrupt::new(self.shared.calls.clone()));
        let mut watched = self.shared.watched.lock();
        watched
            .interrupts
            .retain(|interrupt| interrupt.strong_count() > 0);
        watched.interrupts.push(Arc::downgrade(&interrupt));
        interrupt
    }

    /// Says that many calls follow: they need not wake the watchdog each.
    pub(in crate::lua) fn busy(&self) -> Busy {
        let calls = &self.shared.calls;
        if calls.is_busy.load(Ordering::Relaxed) {
            return Busy(None);
        }
        calls.clock.follow_this_thread();
        calls.is_busy.store(true, Ordering::SeqCst);
        self.wake_if_asleep();
        Busy(Some(calls.clone()))
    }

    /// Times a call. `None` if calls are nested deeper than [`DEPTH_MAX`].
    #[inline]
    pub(in crate::lua) fn time<'a>(
        &'a self,
        interrupt: &Arc<Interrupt>,
        limit: Duration,
    ) -> Option<Timed<'a>> {
        let calls = &*self.shared.calls;
        let depth = calls.depth.load(Ordering::Relaxed);
        let call = calls.running.get(depth)?;
        let is_first = depth == 0 && !calls.is_busy.load(Ordering::Relaxed);
        if is_first {
            // Before the call can be seen, or it would be timed by the clock of another thread.
            calls.clock.follow_this_thread();
        }
        // Before the call can be seen, and so be stopped.
        let stops = calls.stops.load(Ordering::Acquire);
        let serial = calls.last_serial.load(Ordering::Relaxed) + 1;
        calls.last_serial.store(serial, Ordering::Relaxed);
        call.interrupt
            .store(Arc::as_ptr(interrupt).cast_mut(), Ordering::Relaxed);
        call.limit_nanos
            .store(limit.as_nanos() as u64, Ordering::Relaxed);
        call.serial.store(serial, Ordering::Release);
        calls.depth.store(depth + 1, Ordering::Release);
        if is_first {
            self.wake_if_asleep();
        }
        Some(Timed {
            calls,
            depth,
            stops,
        })
    }

    fn wake_if_asleep(&self) {
        // The watchdog says that it sleeps and then looks whether anything runs; we say that something
        // runs and then look whether it sleeps: one of the two sees the other.
        fence(Ordering::SeqCst);
        if self.shared.calls.is_asleep.load(Ordering::SeqCst) {
            let _watched = self.shared.watched.lock();
            self.shared.wake.notify_one();
        }
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
    fn run(&self) {
        let mut watched = self.watched.lock();
        let mut seen = [Seen::default(); DEPTH_MAX];
        let mut idle_looks = 0;
        while !watched.is_stopping {
            if self.calls.is_idle() {
                idle_looks += 1;
            } else {
                idle_looks = 0;
            }
            let next = self.look(&watched, &mut seen);
            if idle_looks < IDLE_LOOKS {
                self.wake.wait_for(&mut watched, next);
                continue;
            }
            self.calls.is_asleep.store(true, Ordering::SeqCst);
            fence(Ordering::SeqCst);
            if self.calls.is_idle() && !watched.is_stopping {
                self.wake.wait(&mut watched);
            }
            self.calls.is_asleep.store(false, Ordering::SeqCst);
            idle_looks = 0;
        }
    }

    /// Arms what is overdue, and says when to look next.
    fn look(&self, watched: &Watched, seen: &mut [Seen; DEPTH_MAX]) -> Duration {
        let Some(now) = self.calls.clock.now() else {
            return LOOK_INTERVAL;
        };
        let mut next = LOOK_INTERVAL;
        let depth = self.calls.depth.load(Ordering::Acquire).min(DEPTH_MAX);
        // Innermost first: a call that waits for an overdue one gets its chance to go on.
        let (mut is_inner_overdue, mut grace) = (false, Duration::ZERO);
        let running = self.calls.running[..depth].iter().zip(&mut *seen);
        for (call, seen) in running.rev() {
            let serial = call.serial.load(Ordering::Acquire);
            // A clock that is behind is another one: the calls run on another thread by now.
            if seen.serial != serial || now < seen.since {
                *seen = Seen {
                    serial,
                    since: now,
                    ..Seen::default()
                };
            }
            let limit = Duration::from_nanos(call.limit_nanos.load(Ordering::Relaxed));
            let limit = (limit + grace).max(seen.spared);
            grace = GRACE;
            let time = now.saturating_sub(seen.since);
            if time.is_zero() {
                next = next.min(limit);
                continue;
            }
            // It is here for the second time, so it is no short one.
            let interrupt = watched.find(call.interrupt.load(Ordering::Relaxed));
            if let Some(interrupt) = &interrupt {
                interrupt.tally.see(time);
            }
            if is_inner_overdue {
                seen.has_waited = true;
            } else if std::mem::take(&mut seen.has_waited) {
                // However long ago the last look was: its time to go on begins now.
                seen.spared = time + GRACE;
            } else if time < limit {
                next = next.min(limit - time);
            } else {
                is_inner_overdue = true;
                if let Some(interrupt) = interrupt {
                    // First, or the call could end without looking whether it was stopped.
                    self.calls.stops.fetch_add(1, Ordering::Release);
                    interrupt.arm(serial);
                }
            }
        }
        seen[depth..].fill(Seen::default());
        next
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_call_that_takes_long_is_seen_while_it_runs() {
        let watchdog = Watchdog::start().unwrap();
        let interrupt = watchdog.interrupt();
        let call = || {
            watchdog
                .time(&interrupt, Duration::from_secs(3600))
                .unwrap()
        };
        let started = Instant::now();
        let long = call();
        while interrupt.tally.longest().is_zero() {
            assert!(started.elapsed() < Duration::from_secs(60), "nobody saw it");
            std::hint::spin_loop();
        }
        assert!(interrupt.tally.longest() <= started.elapsed());
        drop(long);
    }

    #[test]
    fn the_very_first_call_is_timed_by_the_clock_of_its_thread() {
        for _ in 0..50 {
            let watchdog = Watchdog::start().unwrap();
            let interrupt = watchdog.interrupt();
            let started = Instant::now();
            let long = watchdog.time(&interrupt, Duration::from_secs(3600));
            while interrupt.tally.longest().is_zero() {
                assert!(started.elapsed() < Duration::from_secs(60), "nobody saw it");
                std::hint::spin_loop();
            }
            drop(long);
        }
    }
}
