//! [`Problem`]: one thing that is wrong with one mod: a stable code, because, where, and what to try.
//!
//! A problem is data, never an `Err` at the top: one bad mod must not stop the others, so functions
//! return what they could make *and* the problems that they met.

mod code;
mod tally;
mod text;

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::mod_id::ModId;

pub use self::code::Code;
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

#[cfg(test)]
mod tests;
