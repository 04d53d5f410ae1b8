//! [`Text`]: a description as text that knows its places, and [`Notes`]: what is to be said about it.

use std::sync::Arc;

use super::ORIGINAL_BYTES_MAX;
use crate::problem::{Code, Place, Problem};

/// Columns are counted up to here: a place behind it has a line only.
const COLUMN_BYTES_MAX: usize = 1024;

/// The most notes that are told of one mod; a last one says how many more there are.
const NOTES_MAX: usize = 99;

/// The text of a file.
pub(super) struct Text<'t> {
    pub(super) text: &'t str,
    file: Arc<str>,
    line_starts: Vec<usize>,
}

impl<'t> Text<'t> {
    /// `bytes`, the content of `file`. A byte order mark is left out.
    ///
    /// # Errors
    /// If it is too large, or no text.
    pub(super) fn read(bytes: &'t [u8], file: &str) -> Result<Text<'t>, Box<Problem>> {
        let refuse = |problem: Problem| Box::new(problem.at(Place::file(file)));
        if bytes.len() as u64 > ORIGINAL_BYTES_MAX {
            let because = format!("has {} bytes", bytes.len());
            let hint = format!("{ORIGINAL_BYTES_MAX} are the most that are read");
            return Err(refuse(Problem::error(Code::TOO_LARGE, because).hint(hint)));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| {
            let problem = Problem::error(Code::NOT_UTF8, "is no UTF-8");
            refuse(problem.hint("save it with the encoding UTF-8"))
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Ok(Text {
            text,
            file: file.into(),
            line_starts: std::iter::once(0).chain(starts).collect(),
        })
    }

    /// The place of a byte.
    pub(super) fn place(&self, offset: usize) -> Place {
        let line = self.line_starts.partition_point(|start| *start <= offset) - 1;
        let before = self.text.get(self.line_starts[line]..offset);
        let column = before
            .filter(|before| before.len() <= COLUMN_BYTES_MAX)
            .and_then(|before| u32::try_from(before.chars().count() + 1).ok());
        Place {
            column,
            ..Place::line(
                self.file.clone(),
                u32::try_from(line + 1).unwrap_or(u32::MAX),
            )
        }
    }

    /// The file as a whole.
    pub(super) fn whole(&self) -> Place {
        Place::file(self.file.clone())
    }

    /// Why nothing can be made of it.
    pub(super) fn refuse(&self, because: impl AsRef<str>, hint: &str) -> Box<Problem> {
        let problem = Problem::error(Code::NOT_IMPORTED, because);
        Box::new(problem.at(self.whole()).hint(hint))
    }
}

/// What could not be carried over as it was.
#[derive(Default)]
pub(super) struct Notes {
    told: Vec<Problem>,
    more: usize,
}

impl Notes {
    pub(super) fn note(&mut self, place: &Place, because: impl AsRef<str>, hint: &str) {
        if self.told.len() >= NOTES_MAX {
            self.more += 1;
            return;
        }
        let problem = Problem::warning(Code::CHANGED_BY_IMPORT, because).at(place.clone());
        self.told.push(match hint {
            "" => problem,
            hint => problem.hint(hint),
        });
    }

    /// By place.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        let key = |problem: &Problem| problem.place.as_ref().map(|at| (at.line, at.column));
        self.told.sort_by_key(key);
        let last = self.told.last().filter(|_| self.more > 0);
        if let Some(place) = last.and_then(|last| last.place.clone()) {
            let because = format!("has {} more changes like these", self.more);
            let last = Problem::warning(Code::CHANGED_BY_IMPORT, because);
            self.told.push(last.at(Place::file(place.file)));
        }
        self.told
    }
}
