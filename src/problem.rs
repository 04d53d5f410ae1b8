//! [`Problem`]: one thing that is wrong with one mod: a stable code, because, where, and what to try.
//!
//! A problem is data, never an `Err` at the top: one bad mod must not stop the others, so functions
//! return what they could make *and* the problems that they met.

mod tally;
mod text;

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::mod_id::ModId;

pub(crate) use self::tally::{PROBLEMS_MAX, count_in};
pub(crate) use self::text::is_shown;
pub use self::text::{TEXT_BYTES_MAX, one_line, one_line_of};

/// One thing that is wrong with one mod (or with the folder, when `mod_id` is `None`).
///
/// `because` completes the sentence "… because it …"; `hint` says what to try. Both are one line, at
/// most [`TEXT_BYTES_MAX`] long and free of control characters whatever a mod put into them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// What kind of problem: stable, kebab-case, with a heading in `docs/reference/problems.md`.
    pub code: Code,
    /// How bad: an error keeps something from happening, a warning does not.
    pub severity: Severity,
    /// The mod that has the problem.
    #[serde(rename = "mod", skip_serializing_if = "Option::is_none")]
    pub mod_id: Option<ModId>,
    /// Why, in words.
    pub because: String,
    /// Where, as far as it is known.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// What to try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// How often it was met, where the same one is told once; left out if that was once.
    #[serde(skip_serializing_if = "is_once")]
    #[cfg_attr(feature = "schema", schemars(default = "once", range(min = 1)))]
    pub times: u32,
}

fn is_once(times: &u32) -> bool {
    *times == 1
}

#[cfg(feature = "schema")]
fn once() -> u32 {
    1
}

/// How bad a [`Problem`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Severity {
    /// Used for what works all the same, but surely is not meant.
    Warning,
    /// Used for what keeps a mod from loading, reloading or finishing a call.
    Error,
}

/// A place in a file. Lines and columns count from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// The file, relative to the mods folder, with `/`: `economy/scripts/main.lua`. Never absolute.
    pub file: Arc<str>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

impl Problem {
    /// An error of no mod in particular yet; see the `of`, `at` and `hint` methods.
    pub fn error(code: Code, because: impl AsRef<str>) -> Problem {
        Problem {
            code,
            severity: Severity::Error,
            mod_id: None,
            because: one_line(because.as_ref()),
            place: None,
            hint: None,
            times: 1,
        }
    }

    /// A warning; otherwise as [`Problem::error`].
    pub fn warning(code: Code, because: impl AsRef<str>) -> Problem {
        Problem {
            severity: Severity::Warning,
            ..Problem::error(code, because)
        }
    }

    /// Names the mod.
    pub fn of(mut self, mod_id: &ModId) -> Problem {
        self.mod_id = Some(mod_id.clone());
        self
    }

    /// Names the place.
    pub fn at(mut self, place: Place) -> Problem {
        self.place = Some(place);
        self
    }

    /// Says what to try.
    pub fn hint(mut self, hint: impl AsRef<str>) -> Problem {
        self.hint = Some(one_line(hint.as_ref()));
        self
    }

    /// Whether this keeps something from happening.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        } else if let Some(mod_id) = &self.mod_id {
            write!(f, "{mod_id}: ")?;
        }
        f.write_str(&self.because)?;
        if self.times > 1 {
            write!(f, " (×{})", self.times)?;
        }
        if let Some(hint) = &self.hint {
            write!(f, " (hint: {hint})")?;
        }
        Ok(())
    }
}

/// So that `?` passes on the problem that one call about a mod answers with.
impl std::error::Error for Problem {}

impl Place {
    /// A whole file.
    pub fn file(file: impl Into<Arc<str>>) -> Place {
        Place {
            file: file.into(),
            line: None,
            column: None,
        }
    }

    /// A line of a file, from 1.
    pub fn line(file: impl Into<Arc<str>>, line: u32) -> Place {
        Place {
            file: file.into(),
            line: Some(line),
            column: None,
        }
    }

    /// The place of a byte offset in `text`, the content of `file`.
    pub fn offset(file: impl Into<Arc<str>>, text: &str, offset: usize) -> Place {
        let mut end = offset.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        let to_u32 = |n: usize| u32::try_from(n).ok();
        Place {
            file: file.into(),
            line: to_u32(line),
            column: to_u32(column),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        Ok(())
    }
}

/// The stable name of a kind of problem. All of them are listed in [`Code::ALL`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Code(&'static str);

impl Code {
    /// The code as text: `unknown-key`.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "enum": Code::ALL.iter().map(|c| c.0).collect::<Vec<_>>() })
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        impl Code {
            $($(#[$doc])* pub const $name: Code = Code($text);)*

            /// Every code that Lunation gives, in the order of the reference page.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];
        }
    };
}

codes! {
    // Files and folders
    /// A file or folder can't be read.
    UNREADABLE = "unreadable";
    /// What could not be read is not tried again by itself.
    RETRIES_USED_UP = "retries-used-up";
    /// A file is larger than its limit.
    TOO_LARGE = "too-large";
    /// A folder has more files, or is deeper, than the limit.
    TOO_MANY_FILES = "too-many-files";
    /// A directory, FIFO, socket or device stands where a file should be.
    NOT_A_FILE = "not-a-file";
    /// A symbolic link that is not followed, or leads out of the folder.
    LINK_REFUSED = "link-refused";
    /// A file name that is not UTF-8 or can't be carried to other systems.
    BAD_FILE_NAME = "bad-file-name";
    /// The watcher can't work here, or has lost events; polling or a rescan helps out.
    WATCH_DEGRADED = "watch-degraded";

    // Manifests, settings, config
    /// The text is not UTF-8.
    NOT_UTF8 = "not-utf8";
    /// The TOML can't be parsed.
    TOML_SYNTAX = "toml-syntax";
    /// The JSON can't be parsed.
    JSON_SYNTAX = "json-syntax";
    /// A key that nobody knows.
    UNKNOWN_KEY = "unknown-key";
    /// A key that must be there is not.
    MISSING_KEY = "missing-key";
    /// A value of the wrong type.
    WRONG_TYPE = "wrong-type";
    /// A value outside its range or list, or otherwise not allowed.
    BAD_VALUE = "bad-value";
    /// An id that is not a legal mod id.
    BAD_ID = "bad-id";
    /// A version or a requirement that is not semver.
    BAD_VERSION = "bad-version";
    /// A mod folder without `mod.toml`.
    NO_MANIFEST = "no-manifest";
    /// A config value that the mod's schema refuses.
    CONFIG_REFUSED = "config-refused";

    // Resolution
    /// Two candidates have the same id and version.
    DUPLICATE_ID = "duplicate-id";
    /// A dependency is not in the folder.
    MISSING_DEPENDENCY = "missing-dependency";
    /// A dependency is there, in a version that is not accepted.
    WRONG_DEPENDENCY_VERSION = "wrong-dependency-version";
    /// A dependency was itself rejected.
    DEPENDENCY_REJECTED = "dependency-rejected";
    /// The mod asks for another version of the host.
    WRONG_HOST_VERSION = "wrong-host-version";
    /// Two mods exclude each other.
    CONFLICT = "conflict";
    /// Mods that can't run beside each other, because of what they and others need.
    VERSION_CLASH = "version-clash";
    /// The user allows only versions of the mod that can't be had.
    WRONG_PINNED_VERSION = "wrong-pinned-version";
    /// The user's own order puts a mod before one that it needs.
    CONTRADICTORY_ORDER = "contradictory-order";
    /// A search for the best set of mods took too long; a good one is used.
    SEARCH_CUT_SHORT = "search-cut-short";
    /// Mods that require each other: they load as one group.
    DEPENDENCY_CYCLE = "dependency-cycle";
    /// Order hints that contradict each other; the weakest is ignored.
    ORDER_CYCLE = "order-cycle";
    /// A mod that names itself as dependency, conflict or order hint.
    SELF_REFERENCE = "self-reference";
    /// A chain of dependencies longer than the limit.
    TOO_DEEP = "too-deep";
    /// A capability that the host did not grant.
    CAPABILITY_REFUSED = "capability-refused";
    /// A change that asks the host for more than was granted: it waits for an answer.
    CAPABILITY_HELD = "capability-held";
    /// A capability that no function of the host needs.
    UNKNOWN_CAPABILITY = "unknown-capability";
    /// The mod is switched off.
    DISABLED = "disabled";

    // Loading
    /// The entry script is not there.
    MISSING_ENTRY = "missing-entry";
    /// A script can't be compiled.
    LUA_SYNTAX = "lua-syntax";
    /// Code of the mod raised an error.
    LUA_ERROR = "lua-error";
    /// A required module is not there, or `require` is used wrongly.
    REQUIRE_FAILED = "require-failed";
    /// Code of the mod ran longer than its limit.
    TIME_LIMIT = "time-limit";
    /// The mod wanted more memory than its limit.
    MEMORY_LIMIT = "memory-limit";
    /// Another limit of the mod: handlers, timers, events, log lines.
    LIMIT = "limit";
    /// A function of `mod` or of the host was called wrongly or at the wrong time.
    BAD_CALL = "bad-call";

    // Reloading
    /// A value that can't be carried to the new generation.
    UNCARRYABLE = "uncarryable";
    /// A reload that is put off until coroutines have ended, or that was.
    WAITING = "waiting";
    /// A module returned something, and its edited file returns nothing.
    MODULE_RETURN = "module-return";
    /// State larger than its limit.
    STATE_TOO_LARGE = "state-too-large";
    /// An image that is damaged or from another format.
    BAD_IMAGE = "bad-image";
    /// A migration whose name or whose answer is not that of one.
    BAD_MIGRATION = "bad-migration";
    /// The state has had migrations that the code does not have.
    STATE_TOO_NEW = "state-too-new";
    /// The reload was not tried, or not finished: see `because`.
    KEPT = "kept";
    /// The version policy refused the version.
    VERSION_POLICY = "version-policy";
    /// Automatic reloads of a mod pause after repeated failures.
    BREAKER_OPEN = "breaker-open";
    /// The mod broke a limit while running, and its code began anew.
    RESTARTED = "restarted";
    /// A transaction took longer than it may.
    RELOAD_TIMEOUT = "reload-timeout";
    /// The mod broke its limits while running and was stopped.
    QUARANTINED = "quarantined";
    /// The mod failed in its probation and went back to the generation before.
    ROLLED_BACK = "rolled-back";
    /// Another process has the history of this folder on disk.
    HISTORY_LOCKED = "history-locked";
    /// The history can't be written to disk.
    HISTORY_UNWRITTEN = "history-unwritten";
    /// A generation on disk can't be read.
    HISTORY_DAMAGED = "history-damaged";
    /// The audit log can't be written.
    AUDIT_UNWRITTEN = "audit-unwritten";
    /// The queue was full and collapsed into one rescan.
    QUEUE_COLLAPSED = "queue-collapsed";
}

#[cfg(test)]
mod tests;
