//! Trying again: [`Backoff`] says how long to wait, [`Breaker`] when to stop for a while.

use std::fmt;
use std::time::Duration;

use crate::settings::{self, RetryStrategy};

/// How long to wait before each retry of what may pass by itself, such as a half-written file.
///
/// ```
/// use std::time::Duration;
/// use lunation::reload::Backoff;
///
/// let backoff = Backoff::new(&lunation::Settings::default().hot_reload.retry);
/// assert_eq!(backoff.delay(1), Some(Duration::from_millis(100)));
/// assert_eq!(backoff.delay(3), Some(Duration::from_millis(400)));
/// assert_eq!(backoff.delay(6), None);
/// ```
pub struct Backoff {
    strategy: Strategy,
    delay_max: Duration,
    retries_max: u32,
}

enum Strategy {
    /// Used by default: initial delay in ms, factor.
    Exponential(f64, f64),
    /// Used where a steady rhythm is wanted: initial delay, increment.
    Linear(Duration, Duration),
    /// Used where the host knows better.
    Given(Box<DelayOf>),
}

type DelayOf = dyn Fn(u32) -> Option<Duration> + Send + Sync;

impl Backoff {
    /// What the settings say.
    pub fn new(settings: &settings::Retry) -> Backoff {
        let strategy = match settings.strategy {
            RetryStrategy::Exponential => {
                Strategy::Exponential(settings.initial_delay as f64, settings.multiplier)
            }
            RetryStrategy::Linear => Strategy::Linear(
                Duration::from_millis(settings.initial_delay),
                Duration::from_millis(settings.increment),
            ),
        };
        Backoff {
            strategy,
            ..Backoff::given(settings, |_| None)
        }
    }

    /// A function of the host: from the number of the retry, from 1, to the wait before it, or `None` to
    /// give up. The longest delay and the number of retries in the settings hold all the same.
    pub fn given(
        settings: &settings::Retry,
        delay: impl Fn(u32) -> Option<Duration> + Send + Sync + 'static,
    ) -> Backoff {
        Backoff {
            strategy: Strategy::Given(Box::new(delay)),
            delay_max: Duration::from_millis(settings.max_delay),
            retries_max: settings.max_retries,
        }
    }

    /// The wait before retry `attempt`, from 1; `None` when it is time to give up.
    pub fn delay(&self, attempt: u32) -> Option<Duration> {
        if attempt == 0 || attempt > self.retries_max {
            return None;
        }
        let before = attempt - 1;
        let delay = match &self.strategy {
            Strategy::Exponential(initial_ms, multiplier) => {
                let ms = initial_ms * multiplier.powf(f64::from(before));
                // A negative or undefined factor means no growth; an overflow means the longest delay.
                let ms = if ms.is_nan() || ms < 0.0 {
                    *initial_ms
                } else {
                    ms
                };
                Duration::try_from_secs_f64(ms / 1000.0).unwrap_or(self.delay_max)
            }
            Strategy::Linear(initial, increment) => {
                initial.saturating_add(increment.saturating_mul(before))
            }
            Strategy::Given(delay) => delay(attempt)?,
        };
        Some(delay.min(self.delay_max))
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let strategy = match self.strategy {
            Strategy::Exponential(..) => "exponential",
            Strategy::Linear(..) => "linear",
            Strategy::Given(_) => "given",
        };
        f.debug_struct("Backoff")
            .field("strategy", &strategy)
            .field("delay_max", &self.delay_max)
            .field("retries_max", &self.retries_max)
            .finish()
    }
}

/// Pauses the automatic reloads of one mod that keeps failing.
///
/// After `threshold` failures in a row it is open for `cool_down`; then one try is allowed, and if that fails
/// too it is open for as long again. A success ends it: forget the breaker.
#[derive(Clone, Debug, Default)]
pub struct Breaker {
    failures: u32,
    /// Since when it is open.
    open_since: Option<Duration>,
}

impl Breaker {
    /// Counts a failed reload at `now`. Answers whether the breaker opened by it. A threshold of 0 means one
    /// that never opens.
    pub fn failure(&mut self, now: Duration, settings: &settings::Breaker) -> bool {
        self.failures = self.failures.saturating_add(1);
        if settings.threshold == 0 || self.failures < settings.threshold {
            return false;
        }
        self.open_since.replace(now).is_none()
    }

    /// Failed reloads in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// When the next automatic reload is allowed; `None` while it is closed.
    pub fn allows_next_at(&self, settings: &settings::Breaker) -> Option<Duration> {
        let cool_down = Duration::from_secs(settings.cool_down);
        self.open_since.map(|since| since.saturating_add(cool_down))
    }

    /// Whether automatic reloads pause at `now`.
    pub fn is_open(&self, now: Duration, settings: &settings::Breaker) -> bool {
        self.allows_next_at(settings).is_some_and(|at| now < at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry() -> settings::Retry {
        settings::HotReload::default().retry
    }

    #[track_caller]
    fn check(settings: &settings::Retry, delays_ms: &[u64]) {
        let backoff = Backoff::new(settings);
        let all: Vec<u64> = (1..)
            .map_while(|n| backoff.delay(n))
            .map(|d| d.as_millis() as u64)
            .collect();
        assert_eq!(all, delays_ms);
    }

    #[test]
    fn exponential_delays_double_up_to_the_longest_and_end() {
        let settings = settings::Retry {
            max_delay: 500,
            ..retry()
        };
        check(&settings, &[100, 200, 400, 500, 500]);
    }

    #[test]
    fn linear_delays_grow_by_the_increment() {
        let settings = settings::Retry {
            strategy: RetryStrategy::Linear,
            max_retries: 3,
            ..retry()
        };
        check(&settings, &[100, 1100, 2100]);
    }

    #[test]
    fn absurd_settings_neither_overflow_nor_panic() {
        for multiplier in [f64::MAX, f64::INFINITY, f64::NAN, -2.0, 0.0] {
            for strategy in [RetryStrategy::Exponential, RetryStrategy::Linear] {
                let settings = settings::Retry {
                    strategy,
                    initial_delay: u64::MAX,
                    multiplier,
                    increment: u64::MAX,
                    max_delay: 30_000,
                    max_retries: u32::MAX,
                };
                let backoff = Backoff::new(&settings);
                for attempt in [1, 2, 1000, u32::MAX] {
                    let delay = backoff.delay(attempt).unwrap();
                    assert!(delay <= Duration::from_secs(30), "{settings:?} {delay:?}");
                }
            }
        }
    }

    #[test]
    fn a_function_of_the_host_decides_within_the_limits() {
        let backoff = Backoff::given(&retry(), |n| (n < 3).then_some(Duration::from_secs(60)));
        assert_eq!(backoff.delay(1), Some(Duration::from_secs(30)));
        assert_eq!(backoff.delay(3), None);
    }

    /// A failed reload at each of these seconds: when the breaker is open afterwards.
    #[track_caller]
    fn check_breaker(failures: &[u64], told: &[bool], open: &[(u64, bool)]) {
        let settings = settings::Breaker {
            threshold: 3,
            cool_down: 30,
        };
        let at = Duration::from_secs;
        let mut breaker = Breaker::default();
        let opened: Vec<bool> = failures
            .iter()
            .map(|second| breaker.failure(at(*second), &settings))
            .collect();
        assert_eq!(opened, told);
        for (second, is_open) in open {
            let was_open = breaker.is_open(at(*second), &settings);
            assert_eq!(was_open, *is_open, "at {second}");
        }
    }

    #[test]
    fn the_breaker_opens_at_the_threshold_and_for_as_long_again_when_the_next_try_fails() {
        check_breaker(&[1, 2], &[false, false], &[(2, false)]);
        let open = [(3, true), (32, true), (33, false)];
        check_breaker(&[1, 2, 3], &[false, false, true], &open);
        let open = [(33, true), (62, true), (63, false)];
        check_breaker(&[1, 2, 3, 33], &[false, false, true, false], &open);
    }

    #[test]
    fn without_a_threshold_it_never_opens() {
        let settings = settings::Breaker {
            threshold: 0,
            cool_down: 30,
        };
        let mut breaker = Breaker::default();
        for _ in 0..10 {
            assert!(!breaker.failure(Duration::ZERO, &settings));
        }
        assert!(!breaker.is_open(Duration::ZERO, &settings));
    }
}
