//! [`LogBook`]: what mods logged lately, limited per mod.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::Serialize;

use crate::lua::{LogLevel, LogLine};
use crate::mod_id::ModId;
use crate::problem::Place;

/// Lines that are kept.
const LINES_MAX: usize = 10_000;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogEntry {
    /// Counts all lines, from 1.
    pub seq: u64,
    /// How serious it is.
    pub level: LogLevel,
    /// The mod.
    #[serde(rename = "mod")]
    pub mod_id: ModId,
    /// One line.
    pub text: String,
    /// Where the mod logged it.
    #[serde(flatten)]
    pub place: Option<Place>,
}

/// What mods logged lately.
#[derive(Default)]
pub(super) struct LogBook {
    lines_per_second: AtomicU32,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    lines: VecDeque<LogEntry>,
    last_seq: u64,
    rates: BTreeMap<ModId, Rate>,
    /// How many lines of each mod were dropped.
    dropped: BTreeMap<ModId, u64>,
}

struct Rate {
    since: Instant,
    lines: u32,
    dropped: u64,
}

impl Rate {
    /// Counts from `now`.
    fn since(now: Instant) -> Rate {
        Rate {
            since: now,
            lines: 0,
            dropped: 0,
        }
    }
}

impl LogBook {
    pub(super) fn set_rate(&self, lines_per_second: u32) {
        self.lines_per_second
            .store(lines_per_second, Ordering::Relaxed);
    }

    /// Takes a line, unless its mod logs too much; then one line says so.
    pub(super) fn push(&self, line: LogLine) {
        let limit = self.lines_per_second.load(Ordering::Relaxed);
        let mut book = self.book.lock();
        let book = &mut *book;
        let now = Instant::now();
        let rate = book.rates.entry(line.mod_id.clone());
        let rate = rate.or_insert(Rate::since(now));
        let mut lost = 0;
        if now.duration_since(rate.since) >= Duration::from_secs(1) {
            lost = rate.dropped;
            *rate = Rate::since(now);
        }
        rate.lines = rate.lines.saturating_add(1);
        if rate.lines > limit {
            rate.dropped += 1;
            let first = u64::from(rate.dropped == 1);
            match book.dropped.get_mut(&line.mod_id) {
                Some(dropped) => *dropped += 1,
                None => drop(book.dropped.insert(line.mod_id.clone(), 1)),
            }
            lost = first;
            if lost == 0 {
                return;
            }
            let text = format!(
                "logs more than {limit} lines a second (limits.log_lines_per_second); the rest is dropped"
            );
            return book.add(LogLine {
                level: LogLevel::Warn,
                text,
                ..line
            });
        }
        if lost > 0 {
            let text = format!("{lost} log lines were dropped");
            book.add(LogLine {
                level: LogLevel::Warn,
                text,
                ..line.clone()
            });
        }
        book.add(line);
    }

    /// How many lines of a mod were dropped because it logged too much.
    pub(super) fn dropped(&self, mod_id: &ModId) -> u64 {
        let book = self.book.lock();
        book.dropped.get(mod_id).copied().unwrap_or_default()
    }

    /// The lines after `since`, of one mod or of all.
    pub(super) fn since(&self, since: u64, mod_id: Option<&ModId>) -> Vec<LogEntry> {
        let book = self.book.lock();
        let is_wanted = |entry: &&LogEntry| {
            entry.seq > since && mod_id.is_none_or(|mod_id| *mod_id == entry.mod_id)
        };
        book.lines.iter().filter(is_wanted).cloned().collect()
    }
}

impl Book {
    fn add(&mut self, line: LogLine) {
        match line.level {
            LogLevel::Debug => {
                tracing::debug!(target: "lunation::mod", mod_id = %line.mod_id, "{}", line.text)
            }
            LogLevel::Info => {
                tracing::info!(target: "lunation::mod", mod_id = %line.mod_id, "{}", line.text)
            }
            LogLevel::Warn => {
                tracing::warn!(target: "lunation::mod", mod_id = %line.mod_id, "{}", line.text)
            }
            LogLevel::Error => {
                tracing::error!(target: "lunation::mod", mod_id = %line.mod_id, "{}", line.text)
            }
        }
        self.last_seq += 1;
        let LogLine {
            mod_id,
            level,
            text,
            place,
        } = line;
        self.lines.push_back(LogEntry {
            seq: self.last_seq,
            level,
            mod_id,
            text,
            place,
        });
        if self.lines.len() > LINES_MAX {
            self.lines.pop_front();
        }
    }
}
