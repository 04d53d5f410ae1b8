//! The ranges of the numbers in the settings: one constant for the parser and for the schema.

/// A number from `.0` to `.1`, both included.
#[derive(Clone, Copy)]
pub(crate) struct Range<N>(pub(crate) N, pub(crate) N);

impl<N: Copy> Range<N> {
    /// The same as the standard library's range.
    pub(crate) fn inclusive(self) -> std::ops::RangeInclusive<N> {
        self.0..=self.1
    }
}

#[cfg(feature = "schema")]
impl<N: Copy + Into<serde_json::Value>> Range<N> {
    /// A transform of schemars that says the range.
    pub(crate) fn in_schema(self) -> impl FnMut(&mut schemars::Schema) {
        move |schema| {
            schema.insert("minimum".to_owned(), self.0.into());
            schema.insert("maximum".to_owned(), self.1.into());
            schema.remove("format");
        }
    }
}

const KIB: i64 = 1024;
const MIB: i64 = 1024 * KIB;
const GIB: i64 = 1024 * MIB;

/// Milliseconds of waiting for a burst to end. A minute: longer is a mistake, it would look dead.
pub(crate) const DELAY_MS: Range<i64> = Range(0, 60_000);
/// Milliseconds between retries; up to an hour.
pub(super) const RETRY_MS: Range<i64> = Range(0, 3_600_000);
/// Seconds; up to a day.
pub(super) const SECONDS: Range<i64> = Range(1, 86_400);
/// Milliseconds of Lua: a mod that may run longer than ten minutes has no limit at all.
pub(super) const TIME_MS: Range<i64> = Range(1, 600_000);
/// Bytes of an asset: what one file may take of the memory.
pub(super) const FILE_BYTES: Range<i64> = Range(0, GIB);
/// Bytes of a script: compiling 1 MiB of hostile source takes 139 MiB and 0.6 s.
pub(super) const SCRIPT_BYTES: Range<i64> = Range(0, MIB);
/// Bytes of an image.
pub(super) const STATE_BYTES: Range<i64> = Range(0, GIB);
/// Bytes of a VM: below 1 MiB nothing starts, since an idle VM takes some 400 KiB.
pub(super) const MEMORY_BYTES: Range<i64> = Range(MIB, 4 * GIB - 1);
/// How many of something that costs little.
pub(super) const COUNT: Range<i64> = Range(0, 1_000_000);
/// The same, at least one.
pub(super) const COUNT_FROM_1: Range<i64> = Range(1, 1_000_000);
/// Requests in the queue.
pub(super) const PENDING: Range<i64> = Range(1, 100_000);
/// Generations kept: each keeps its files and its image.
pub(super) const HISTORY: Range<i64> = Range(0, 1000);
/// Bytes that all kept generations take together.
pub(super) const HISTORY_BYTES: Range<i64> = Range(0, 64 * GIB);
/// Seconds between checkpoints; up to a day, and 0 for none.
pub(super) const CHECKPOINT_SECONDS: Range<i64> = Range(0, 86_400);
/// Bytes of the audit log: below 64 KiB one large line would turn it over; above 1 GiB nobody reads it.
pub(super) const AUDIT_BYTES: Range<i64> = Range(64 * KIB, GIB);
pub(crate) const AUDIT_BYTES_MAX: u64 = AUDIT_BYTES.1 as u64;
/// Links of a dependency chain.
pub(super) const DEPTH: Range<i64> = Range(1, 100_000);
/// Handlers of a mod.
pub(super) const HANDLERS: Range<i64> = Range(0, 1_000_000);
/// Calls across mods that nest: the watchdog times 64 calls at a time.
pub(super) const CALL_DEPTH: Range<i64> = Range(1, 48);
/// Log lines of a mod in a second.
pub(super) const LOG_LINES: Range<i64> = Range(0, 100_000);
/// Factor between two delays; below 1 they would shrink.
pub(super) const MULTIPLIER: Range<f64> = Range(1.0, 100.0);
