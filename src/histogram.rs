//! [`Histogram`]: how often which durations were met, in a fixed size: recording allocates nothing and locks nothing.
//!
//! Log-linear, as in HdrHistogram: each power of two nanoseconds has eight buckets of equal width, so what is read
//! back is at most an eighth too large, from nanoseconds to two minutes.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Buckets in each power of two: 2 to the power of this.
const BITS: u32 = 3;
const PER_POWER: usize = 1 << BITS;

/// The highest power of two nanoseconds that is told apart: 2^36 ns and more is a minute and more.
const POWER_MAX: u32 = 36;
const BUCKETS: usize = (POWER_MAX - BITS + 2) as usize * PER_POWER;

/// How often which durations were met. One thread records; any thread may read.
pub(crate) struct Histogram([AtomicU32; BUCKETS]);

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram([const { AtomicU32::new(0) }; BUCKETS])
    }
}

impl Histogram {
    /// Takes a duration in.
    pub(crate) fn record(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let count = &self.0[bucket_of(nanos)];
        let more = count.load(Ordering::Relaxed).saturating_add(1);
        count.store(more, Ordering::Relaxed);
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        for count in &self.0 {
            count.store(0, Ordering::Relaxed);
        }
    }

    /// How many durations were taken in.
    pub(crate) fn count(&self) -> u64 {
        self.counts().sum()
    }

    /// The duration that a `share` of all, from 0 to 1, is not longer than; zero of none.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let total = self.count();
        let rank = ((total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        let reaches_rank = |count: u64| {
            seen += count;
            seen >= rank
        };
        let bucket = self.counts().position(reaches_rank);
        bucket.map_or(Duration::ZERO, |bucket| {
            Duration::from_nanos(last_of(bucket))
        })
    }

    fn counts(&self) -> impl Iterator<Item = u64> {
        let counts = self.0.iter();
        counts.map(|count| count.load(Ordering::Relaxed).into())
    }
}

/// The bucket of so many nanoseconds: below eight each has its own.
fn bucket_of(nanos: u64) -> usize {
    if nanos < PER_POWER as u64 {
        return nanos as usize;
    }
    let power = nanos.ilog2();
    if power > POWER_MAX {
        return BUCKETS - 1;
    }
    let within = (nanos >> (power - BITS)) as usize % PER_POWER;
    (power - BITS + 1) as usize * PER_POWER + within
}

/// The most nanoseconds of a bucket.
fn last_of(bucket: usize) -> u64 {
    if bucket < PER_POWER {
        return bucket as u64;
    }
    let shift = bucket / PER_POWER - 1;
    (((PER_POWER + bucket % PER_POWER + 1) as u64) << shift) - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a sorted list says: the plain meaning of a quantile.
    fn oracle(sorted: &[u64], share: f64) -> u64 {
        let rank = ((sorted.len() as f64 * share).ceil() as usize).max(1);
        sorted[rank - 1]
    }

    proptest! {
        #[test]
        fn a_quantile_is_that_of_the_sorted_list_or_an_eighth_above(
            mut nanos in prop::collection::vec((0_u32..37, any::<u64>()), 1..300),
            share in 0.0_f64..=1.0,
        ) {
            let mut nanos: Vec<u64> = nanos.drain(..).map(|(bits, any)| any % (1 << bits)).collect();
            let histogram = Histogram::default();
            nanos.iter().for_each(|nanos| histogram.record(Duration::from_nanos(*nanos)));
            nanos.sort_unstable();
            let exact = oracle(&nanos, share);
            let answer = histogram.quantile(share).as_nanos() as u64;
            prop_assert!(exact <= answer && answer <= exact + exact / 8, "{exact} {answer}");
            prop_assert_eq!(histogram.count(), nanos.len() as u64);
        }
    }

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for bucket in 1..BUCKETS {
            let first = last_of(bucket - 1) + 1;
            assert_eq!(bucket_of(first), bucket);
            assert_eq!(bucket_of(last_of(bucket)), bucket);
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn an_empty_histogram_says_zero_and_a_cleared_one_is_empty() {
        let histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.99), Duration::ZERO);
        histogram.record(Duration::MAX);
        assert_eq!(histogram.count(), 1);
        histogram.clear();
        assert_eq!(
            (histogram.count(), histogram.quantile(0.5)),
            (0, Duration::ZERO)
        );
    }
}
