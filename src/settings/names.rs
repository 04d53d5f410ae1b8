//! The names that settings take in the file, with what they mean.

use super::{
    Carry, Debounce, OnUncarryable, RetryStrategy, StateCompression, StateSerialization,
    VersionPolicy,
};

pub(super) const DEBOUNCE: &[(&str, Debounce)] = &[
    ("settle", Debounce::Settle),
    ("fixed", Debounce::Fixed),
    ("adaptive", Debounce::Adaptive),
];

pub(super) const VERSION_POLICY: &[(&str, VersionPolicy)] =
    &[("any", VersionPolicy::Any), ("newer", VersionPolicy::Newer)];

pub(super) const RETRY_STRATEGY: &[(&str, RetryStrategy)] = &[
    ("exponential", RetryStrategy::Exponential),
    ("linear", RetryStrategy::Linear),
];

/// Also an override of a mod's manifest.
pub(crate) const CARRY: &[(&str, Carry)] = &[("all", Carry::All), ("state", Carry::State)];

/// Also an override of a mod's manifest.
pub(crate) const ON_UNCARRYABLE: &[(&str, OnUncarryable)] = &[
    ("refuse", OnUncarryable::Refuse),
    ("drop", OnUncarryable::Drop),
    ("drain", OnUncarryable::Drain),
];

pub(super) const STATE_SERIALIZATION: &[(&str, StateSerialization)] =
    &[("native", StateSerialization::Native)];

pub(super) const STATE_COMPRESSION: &[(&str, StateCompression)] = &[
    ("none", StateCompression::None),
    ("gzip", StateCompression::Gzip),
    ("zstd", StateCompression::Zstd),
];
