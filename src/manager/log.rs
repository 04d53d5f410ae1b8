//! [`LogBook`]: what mods logged lately, limited per mod.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::Serialize;

use crate::lua::{LogLevel, LogLine};
use crate::mod_id::ModId;
use crate::problem::Place;
use crate::settings::Limits;

/// Lines that are kept.
const LINES_MAX: usize = 10_000;

/// Bytes of their texts. 8 MiB: some 800 a line, where one line may have 4 KiB.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// The time in which lines and bytes are counted.
const SECOND: Duration = Duration::from_secs(1);

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
pub(super) struct LogBook(Mutex<Book>);

#[derive(Default)]
struct Book {
    lines: VecDeque<LogEntry>,
    /// Bytes of their texts.
    bytes: usize,
    last_seq: u64,
    limits: Limits,
    rates: BTreeMap<ModId, Rate>,
    /// How many lines of each mod were left out.
    left_out: BTreeMap<ModId, u64>,
    /// Whether lines were left out that nobody was told of yet.
    has_left_out: bool,
}

/// What a mod logged in one second.
struct Rate {
    since: Instant,
    lines: u32,
    bytes: u64,
    /// Whether it was told that the rest of the second is left out.
    is_told: bool,
    /// Lines that were left out since that was told last.
    left_out: u64,
}

impl Rate {
    /// Counts from `now`.
    fn since(now: Instant) -> Rate {
        Rate {
            since: now,
            lines: 0,
            bytes: 0,
            is_told: false,
            left_out: 0,
        }
    }

    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.since) >= SECOND
    }

    /// Counts a line; the limit that it breaks, if it breaks one.
    fn count(&mut self, text: &str, limits: &Limits) -> Option<String> {
        self.lines = self.lines.saturating_add(1);
        self.bytes = self.bytes.saturating_add(text.len() as u64);
        let (lines, bytes) = (limits.log_lines_per_second, limits.log_bytes_per_second);
        if self.lines > lines {
            return Some(format!(
                "{lines} lines a second (limits.log_lines_per_second"
            ));
        }
        let is_too_much = self.bytes > bytes;
        is_too_much.then(|| format!("{bytes} bytes a second (limits.log_bytes_per_second"))
    }
}

impl LogBook {
    pub(super) fn set_limits(&self, limits: &Limits) {
        self.0.lock().limits = limits.clone();
    }

    /// Takes a line, unless its mod logs too much; then one line says so, and a later one how many were
    /// left out.
    pub(super) fn push(&self, line: LogLine) {
        self.push_at(line, Instant::now());
    }

    fn push_at(&self, line: LogLine, now: Instant) {
        let mut book = self.0.lock();
        book.tell_left_out(|rate| rate.is_over(now));
        let Book {
            rates,
            limits,
            left_out,
            ..
        } = &mut *book;
        let rate = rates.entry(line.mod_id.clone());
        let rate = rate.or_insert_with(|| Rate::since(now));
        if rate.is_over(now) {
            *rate = Rate::since(now);
        }
        let Some(limit) = rate.count(&line.text, limits) else {
            return book.add(line);
        };
        rate.left_out += 1;
        match left_out.get_mut(&line.mod_id) {
            Some(count) => *count += 1,
            None => drop(left_out.insert(line.mod_id.clone(), 1)),
        }
        let is_told = std::mem::replace(&mut rate.is_told, true);
        book.has_left_out = true;
        if !is_told {
            let text = format!(
                "logs more than {limit} in lunation.toml); the rest of this second is left out"
            );
            book.add(LogLine {
                level: LogLevel::Warn,
                text,
                ..line
            });
        }
    }

    /// Tells how many lines were left out, if it was not told yet.
    pub(super) fn tell_left_out(&self) {
        self.0.lock().tell_left_out(|_| true);
    }

    /// How many lines of a mod were left out because it logged too much.
    pub(super) fn left_out(&self, mod_id: &ModId) -> u64 {
        let book = self.0.lock();
        book.left_out.get(mod_id).copied().unwrap_or_default()
    }

    /// The lines after `since`, of one mod or of all.
    pub(super) fn since(&self, since: u64, mod_id: Option<&ModId>) -> Vec<LogEntry> {
        let mut book = self.0.lock();
        let now = Instant::now();
        book.tell_left_out(|rate| rate.is_over(now));
        let is_wanted = |entry: &&LogEntry| {
            entry.seq > since && mod_id.is_none_or(|mod_id| *mod_id == entry.mod_id)
        };
        book.lines.iter().filter(is_wanted).cloned().collect()
    }
}

impl Book {
    /// Tells how many lines were left out of the mods for whose rates it is time.
    fn tell_left_out(&mut self, is_time: impl Fn(&Rate) -> bool) {
        if !std::mem::take(&mut self.has_left_out) {
            return;
        }
        let mut told = Vec::new();
        for (mod_id, rate) in &mut self.rates {
            if rate.left_out > 0 && is_time(rate) {
                let count = std::mem::take(&mut rate.left_out);
                told.push((mod_id.clone(), count));
            }
            self.has_left_out |= rate.left_out > 0;
        }
        for (mod_id, count) in told {
            self.add(LogLine {
                mod_id,
                level: LogLevel::Warn,
                text: left_out(count),
                place: None,
            });
        }
    }

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
        self.bytes += text.len();
        self.lines.push_back(LogEntry {
            seq: self.last_seq,
            level,
            mod_id,
            text,
            place,
        });
        while self.lines.len() > LINES_MAX || self.bytes > BYTES_MAX {
            let oldest = self.lines.pop_front();
            self.bytes -= oldest.map_or(0, |oldest| oldest.text.len());
        }
    }
}

/// How many lines were left out, in words.
fn left_out(count: u64) -> String {
    let digits = count.to_string();
    let mut number = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            number.push(',');
        }
        number.push(digit);
    }
    let (lines, were) = match count {
        1 => ("line", "was"),
        _ => ("lines", "were"),
    };
    format!("{number} {lines} more {were} left out")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(mod_id: &str, text: &str) -> LogLine {
        LogLine {
            mod_id: mod_id.parse().unwrap(),
            level: LogLevel::Info,
            text: text.into(),
            place: None,
        }
    }

    fn texts(book: &LogBook) -> Vec<String> {
        let lines = book.since(0, None);
        lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn what_is_left_out_is_counted_and_told_once_the_second_is_over() {
        let book = LogBook::default();
        book.set_limits(&Limits {
            log_lines_per_second: 1,
            ..Limits::default()
        });
        let now = Instant::now();
        for n in 0..1313 {
            book.push_at(line("loud", &n.to_string()), now);
        }
        book.push_at(line("quiet", "a"), now + SECOND);
        book.push_at(line("loud", "later"), now + SECOND);
        book.push_at(line("loud", "too much"), now + SECOND);
        let limit = "logs more than 1 lines a second (limits.log_lines_per_second in lunation.toml); the rest of this second is left out";
        book.tell_left_out();
        let expected = [
            "0",
            limit,
            "1,312 lines more were left out",
            "a",
            "later",
            limit,
            "1 line more was left out",
        ];
        assert_eq!(texts(&book), expected);
        assert_eq!(texts(&book), expected, "it is told once");
    }

    #[test]
    fn bytes_are_limited_too_and_what_is_kept_has_an_end() {
        let book = LogBook::default();
        let now = Instant::now();
        let long = "x".repeat(4096);
        for second in 0..3000 {
            for _ in 0..17 {
                book.push_at(line("loud", &long), now + second * SECOND);
            }
        }
        let texts = texts(&book);
        let told = texts.iter().filter(|text| text.contains("log_bytes_per"));
        assert!(told.count() > 50);
        let bytes = texts.iter().map(String::len).sum::<usize>();
        assert!(bytes <= BYTES_MAX && bytes > BYTES_MAX / 2, "{bytes}");
    }
}
