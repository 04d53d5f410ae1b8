//! [`Tally`]: how the calls into one VM went: what is counted, and what is timed.
//!
//! Every call is counted: that is an addition. Reading a clock twice costs as much as a third of a small handler,
//! so only some calls are timed: the first few of a generation, so that there is something to show, and then one in
//! 32 on average, at distances that follow no rhythm of the game. What
//! the samples miss the watchdog sees: a call that it meets at two of its looks is at least as long as the time
//! between them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::histogram::Histogram;

/// Calls of a generation that are timed, every one of them: that is less than a microsecond of clocks.
const FIRST_TIMED: u64 = 16;

/// How the calls into one VM went. The thread that runs them writes, and the watchdog, which only knows of `longest`.
#[derive(Default)]
pub(super) struct Tally {
    calls: AtomicU64,
    errors: AtomicU64,
    longest_nanos: AtomicU64,
    lost_nanos: AtomicU64,
    times: Box<Histogram>,
}

/// How the calls into one VM went since it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallCounts {
    /// All calls: of handlers, timers, tasks, hooks, exported functions.
    pub calls: u64,
    /// Those that failed.
    pub errors: u64,
    /// Those that were timed: the quantiles are of them.
    pub timed: u64,
    /// Half of the calls took no longer.
    pub p50: Duration,
    /// 99 of 100 calls took no longer.
    pub p99: Duration,
    /// The longest call that was timed, or that the watchdog met.
    pub max: Duration,
    /// Time that was spent in calls which were stopped.
    pub lost: Duration,
}

/// The serial of the call that is timed after the one that was: from 16 to 47 further, by a hash, so that no
/// rhythm in the calls of a game makes the same handler be met each time.
#[inline]
pub(super) fn next_timed(serial: u64) -> u64 {
    /// 2^64 divided by the golden ratio: Fibonacci hashing.
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
    serial + 16 + (serial.wrapping_mul(MIX) >> 59)
}

impl Tally {
    /// Whether so few calls were made that the next one is timed in any case.
    #[inline]
    pub(super) fn is_young(&self) -> bool {
        self.calls.load(Ordering::Relaxed) < FIRST_TIMED
    }

    /// Counts a call that has ended.
    #[inline]
    pub(super) fn count(&self, has_failed: bool) {
        add(&self.calls, 1);
        if has_failed {
            add(&self.errors, 1);
        }
    }

    /// Takes in how long a call took.
    #[cold]
    pub(super) fn time(&self, time: Duration) {
        self.times.record(time);
        self.see(time);
    }

    /// Notes that a call takes at least so long. Any thread may call this.
    pub(super) fn see(&self, at_least: Duration) {
        self.longest_nanos
            .fetch_max(nanos(at_least), Ordering::Relaxed);
    }

    /// Notes that a call was stopped at its limit. The watchdog has seen how long it really was.
    pub(super) fn lose(&self, limit: Duration) {
        self.see(limit);
        add(&self.lost_nanos, self.longest_nanos.load(Ordering::Relaxed));
    }

    /// Begins anew.
    pub(super) fn clear(&self) {
        for count in [
            &self.calls,
            &self.errors,
            &self.longest_nanos,
            &self.lost_nanos,
        ] {
            count.store(0, Ordering::Relaxed);
        }
        self.times.clear();
    }

    pub(super) fn counts(&self) -> CallCounts {
        let max = Duration::from_nanos(self.longest_nanos.load(Ordering::Relaxed));
        CallCounts {
            calls: self.calls.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
            timed: self.times.count(),
            // A bucket ends where its longest might, which may be beyond the longest of all.
            p50: self.times.quantile(0.5).min(max),
            p99: self.times.quantile(0.99).min(max),
            max,
            lost: Duration::from_nanos(self.lost_nanos.load(Ordering::Relaxed)),
        }
    }
}

/// Adds where only one thread does: a load and a store are cheaper than one step that can't be divided.
#[inline]
fn add(count: &AtomicU64, more: u64) {
    let sum = count.load(Ordering::Relaxed).saturating_add(more);
    count.store(sum, Ordering::Relaxed);
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_in_32_is_timed_and_no_rhythm_keeps_a_call_from_being_met() {
        for rhythm in 1..=64 {
            let (mut serial, mut met, mut samples) = (0, vec![false; rhythm as usize], 0);
            while serial < 64 * 1000 {
                serial = next_timed(serial);
                met[(serial % rhythm) as usize] = true;
                samples += 1;
            }
            assert!(met.iter().all(|met| *met), "a rhythm of {rhythm}");
            assert!((1800..2200).contains(&samples), "{samples}");
        }
    }

    #[test]
    fn a_call_that_was_stopped_is_lost_for_as_long_as_it_was_seen() {
        let tally = Tally::default();
        tally.lose(Duration::from_millis(50));
        assert_eq!(tally.counts().lost, Duration::from_millis(50));
        tally.clear();
        tally.see(Duration::from_millis(57));
        tally.lose(Duration::from_millis(50));
        assert_eq!(tally.counts().lost, Duration::from_millis(57));
        assert_eq!(tally.counts().max, Duration::from_millis(57));
    }
}
