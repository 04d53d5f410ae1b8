//! What a [`ScriptReloader`](super::ScriptReloader) answers with: the numbers of one try, and a change of
//! the file.

use std::fmt;
use std::time::Duration;

use crate::files::FileChangeKind;
use crate::problem::Problem;

/// What became of a script that was loaded, reloaded, or found unchanged.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptStats {
    /// All of it: reading, compiling, running the top-level code, carrying the state, switching. What was
    /// done beforehand, while the file was watched, is counted; waiting is not.
    pub total: Duration,
    /// The part of `total` that compiled.
    pub compile: Duration,
    /// The size of the source on disk in bytes; 0 if there is none.
    pub source_bytes: u64,
    /// Whether the code that runs is that of the file.
    pub is_success: bool,
    /// Whether other code runs now than before. Unchanged content reloads nothing.
    pub has_new_code: bool,
    /// Why the file's code does not run, or what went wrong beside.
    pub problem: Option<Problem>,
    /// Entries of the state that kept their live value.
    pub entries_kept: u64,
}

impl ScriptStats {
    /// Whether it all took no longer than `target`.
    pub fn meets(&self, target: Duration) -> bool {
        self.total <= target
    }
}

/// `✓ 0.9 ms, 312 entries kept`, `✓ unchanged` or `✗ ai.lua:3: …`.
impl fmt::Display for ScriptStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.is_success { "✓" } else { "✗" };
        let noun = if self.entries_kept == 1 {
            "entry"
        } else {
            "entries"
        };
        match &self.problem {
            Some(problem) => write!(f, "{mark} {problem}"),
            None if !self.has_new_code => write!(f, "{mark} unchanged"),
            None => {
                let ms = self.total.as_secs_f64() * 1000.0;
                write!(f, "{mark} {ms:.1} ms, {} {noun} kept", self.entries_kept)
            }
        }
    }
}

/// A change of the script's file that was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptChange {
    /// What happened to the file.
    pub kind: FileChangeKind,
    /// Its size in bytes now; 0 if it is gone.
    pub source_bytes: u64,
}
