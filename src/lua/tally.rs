//! [`Tally`]: how the calls into one VM went: what is counted, and what is timed.
//!
//! Every call is counted: that is one step of a [`Pace`], in memory that each call touches anyway. Reading a
//! clock twice costs as much as a third of a small handler, so only some calls are timed: the first few of a
//! generation, so that there is something to show, and then one in 32 on average, at distances that follow no
//! rhythm of the game. What the samples miss the watchdog sees: a call that it meets at two of its looks is at
//! least as long as the time between them.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::histogram::Histogram;

/// Calls of a generation that are timed, every one of them: that is less than a microsecond of clocks.
const FIRST_TIMED: u64 = 16;

/// How many calls there are before the next one that is timed: all that each call writes.
#[derive(Default)]
pub(super) struct Pace(AtomicU32);

impl Pace {
    /// Counts a call: whether it is one that is timed.
    #[inline]
    pub(super) fn is_timed_now(&self) -> bool {
        match self.0.load(Ordering::Relaxed) {
            0 => true,
            left => {
                self.0.store(left - 1, Ordering::Relaxed);
                false
            }
        }
    }
}

/// How the calls into one VM went. The thread that runs them writes, and the watchdog, which only knows of `longest`.
#[derive(Default)]
pub(super) struct Tally {
    /// All calls, when the next one that is timed begins.
    calls_then: AtomicU64,
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

/// How many calls are not timed after so many: from 16 to 47, by a hash, so that no rhythm in the calls of a
/// game makes the same handler be met each time.
fn pause_after(calls: u64) -> u32 {
    /// 2^64 divided by the golden ratio: Fibonacci hashing.
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
    match calls {
        0..FIRST_TIMED => 0,
        _ => 16 + (calls.wrapping_mul(MIX) >> 59) as u32,
    }
}

impl Tally {
    /// Counts a call that is timed, and sets the pace to the next one.
    pub(super) fn begin(&self, pace: &Pace) {
        let calls = self.calls_then.load(Ordering::Relaxed) + 1;
        let pause = pause_after(calls);
        pace.0.store(pause, Ordering::Relaxed);
        self.calls_then
            .store(calls + u64::from(pause), Ordering::Relaxed);
    }

    /// Counts a call that failed.
    pub(super) fn fail(&self) {
        add(&self.errors, 1);
    }

    /// Takes in how long a call took.
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

    /// The longest call that was timed, or that the watchdog met.
    pub(super) fn longest(&self) -> Duration {
        Duration::from_nanos(self.longest_nanos.load(Ordering::Relaxed))
    }

    /// Begins anew.
    pub(super) fn clear(&self, pace: &Pace) {
        pace.0.store(0, Ordering::Relaxed);
        for count in [
            &self.calls_then,
            &self.errors,
            &self.longest_nanos,
            &self.lost_nanos,
        ] {
            count.store(0, Ordering::Relaxed);
        }
        self.times.clear();
    }

    /// All calls so far.
    pub(super) fn calls(&self, pace: &Pace) -> u64 {
        let left = pace.0.load(Ordering::Relaxed);
        self.calls_then.load(Ordering::Relaxed) - u64::from(left)
    }

    pub(super) fn counts(&self, pace: &Pace) -> CallCounts {
        let max = self.longest();
        CallCounts {
            calls: self.calls(pace),
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

    /// The places of the timed ones among the first `count` calls.
    fn timed(count: u64) -> Vec<u64> {
        let (tally, pace) = (Tally::default(), Pace::default());
        let mut timed = Vec::new();
        for call in 0..count {
            assert_eq!(tally.counts(&pace).calls, call, "each call is counted");
            if pace.is_timed_now() {
                tally.begin(&pace);
                timed.push(call);
            }
        }
        timed
    }

    #[test]
    fn the_first_calls_are_timed_and_then_one_in_32() {
        let timed = timed(64 * 1000);
        assert!(timed[..16].iter().copied().eq(0..16));
        assert!((1800..2200).contains(&timed.len()), "{}", timed.len());
    }

    #[test]
    fn no_rhythm_keeps_a_call_from_being_met() {
        let timed = timed(64 * 1000);
        for rhythm in 1..=64 {
            let mut met = vec![false; rhythm];
            timed
                .iter()
                .for_each(|call| met[*call as usize % rhythm] = true);
            assert!(met.iter().all(|met| *met), "a rhythm of {rhythm}");
        }
    }

    #[test]
    fn a_call_that_was_stopped_is_lost_for_as_long_as_it_was_seen() {
        let (tally, pace) = (Tally::default(), Pace::default());
        tally.lose(Duration::from_millis(50));
        assert_eq!(tally.counts(&pace).lost, Duration::from_millis(50));
        tally.clear(&pace);
        tally.see(Duration::from_millis(57));
        tally.lose(Duration::from_millis(50));
        assert_eq!(tally.counts(&pace).lost, Duration::from_millis(57));
        assert_eq!(tally.counts(&pace).max, Duration::from_millis(57));
    }
}
