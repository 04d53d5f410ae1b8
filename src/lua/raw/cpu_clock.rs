//! [`CpuClock`]: how much processor time a thread has had, read from another thread.
//!
//! Limits count processor time: on a busy machine a call that merely waits for its turn is not to blame.
//! Where the system has no such clock, the time of day counts.

use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

/// The clock of the thread that runs calls.
pub(in crate::lua) struct CpuClock {
    id: AtomicI32,
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    start: std::time::Instant,
}

#[cfg(any(target_os = "linux", target_os = "android"))]
impl CpuClock {
    /// The clock of no thread in particular yet.
    pub(in crate::lua) fn new() -> CpuClock {
        CpuClock {
            id: AtomicI32::new(libc::CLOCK_MONOTONIC),
        }
    }

    /// Makes this the clock of the calling thread.
    pub(in crate::lua) fn follow_this_thread(&self) {
        let mut id = 0;
        // SAFETY: the calling thread exists, and `id` is where the answer goes.
        let answer = unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &raw mut id) };
        let id = if answer == 0 {
            id
        } else {
            libc::CLOCK_MONOTONIC
        };
        self.id.store(id, Ordering::Relaxed);
    }

    /// The time that the followed thread has had. `None` if it is gone.
    pub(in crate::lua) fn now(&self) -> Option<Duration> {
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: `time` is where the answer goes; a clock that does not exist any more is an error code.
        let answer = unsafe { libc::clock_gettime(self.id.load(Ordering::Relaxed), &raw mut time) };
        let seconds = u64::try_from(time.tv_sec).ok()?;
        let nanoseconds = u32::try_from(time.tv_nsec).ok()?;
        (answer == 0).then(|| Duration::new(seconds, nanoseconds))
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
impl CpuClock {
    /// The time since now.
    pub(in crate::lua) fn new() -> CpuClock {
        CpuClock {
            id: AtomicI32::new(0),
            start: std::time::Instant::now(),
        }
    }

    /// Nothing to follow here.
    pub(in crate::lua) fn follow_this_thread(&self) {
        self.id.store(0, Ordering::Relaxed);
    }

    /// The time of day.
    pub(in crate::lua) fn now(&self) -> Option<Duration> {
        Some(self.start.elapsed())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_waits_has_no_time_and_one_that_works_has() {
        let clock = std::sync::Arc::new(CpuClock::new());
        let (work, orders) = std::sync::mpsc::channel::<()>();
        let (done, answers) = std::sync::mpsc::channel();
        let worker = std::thread::spawn({
            let clock = clock.clone();
            move || {
                clock.follow_this_thread();
                done.send(()).unwrap();
                for () in orders {
                    let before = clock.now().unwrap();
                    while clock.now().unwrap() - before < Duration::from_millis(20) {}
                    done.send(()).unwrap();
                }
            }
        });
        answers.recv().unwrap();
        let before = clock.now().unwrap();
        std::thread::park_timeout(Duration::from_millis(50)); // it waits, and so do we
        assert!(clock.now().unwrap() - before < Duration::from_millis(20));
        work.send(()).unwrap();
        answers.recv().unwrap();
        assert!(clock.now().unwrap() - before >= Duration::from_millis(20));
        drop(work);
        worker.join().unwrap();
    }
}
