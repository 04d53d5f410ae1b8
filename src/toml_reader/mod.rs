//! Reading TOML that people write: every problem at once, each with its place.
//!
//! [`TomlText::read`] parses; [`Section`] walks a table whose keys are known, and what is asked of it is
//! what is legal in it; [`Item`] is one value, and knows how to say what is wrong with it. Nothing is
//! returned as an error: what can't be used is reported, and the caller goes on with the rest.

mod item;
mod section;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeTable;

use crate::problem::{Code, Place, Problem};

pub(crate) use item::{Item, shown};
pub(crate) use section::Section;

/// The most problems that are told of one file; a last one says how many more there are. With it
/// they are the 100 that are kept of a mod.
const PROBLEMS_MAX: usize = 99;

/// Columns are counted up to here: a place behind it has a line only.
const COLUMN_BYTES_MAX: usize = 4096;

/// A TOML file: its text, its content as far as it can be parsed, and the problems found so far.
pub(crate) struct TomlText<'t> {
    file: Arc<str>,
    text: &'t str,
    line_starts: Vec<usize>,
    root: Spanned<DeTable<'t>>,
    /// Lines with a syntax error: what else is wrong there is only its consequence.
    broken_lines: BTreeSet<usize>,
    found: RefCell<Found>,
}

#[derive(Default)]
struct Found {
    problems: Vec<(usize, Problem)>,
    more: usize,
}

impl<'t> TomlText<'t> {
    /// Parses `bytes`, the content of `file`. Syntax errors are among the problems in the end.
    ///
    /// # Errors
    /// A [`Problem`] if `bytes` are not a text, or more than `bytes_max`.
    pub(crate) fn read(
        bytes: &'t [u8],
        file: &str,
        bytes_max: usize,
    ) -> Result<TomlText<'t>, Box<Problem>> {
        let text = utf8(bytes, file, bytes_max)?;
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut read = TomlText {
            file: file.into(),
            text,
            line_starts: std::iter::once(0)
                .chain(text.match_indices('\n').map(|(at, _)| at + 1))
                .collect(),
            root,
            broken_lines: BTreeSet::new(),
            found: RefCell::default(),
        };
        for error in &errors {
            read.syntax_error(error);
        }
        Ok(read)
    }

    /// The whole file as a section.
    pub(crate) fn root(&self) -> Section<'_> {
        Section::new(self, String::new(), Some(self.root.get_ref()), 0)
    }

    /// The place of a byte offset.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let line = self.line(offset);
        let start = self.line_starts[line];
        let before = self.text.get(start..offset.min(self.text.len()));
        let column = before
            .filter(|before| before.len() <= COLUMN_BYTES_MAX)
            .and_then(|before| u32::try_from(before.chars().count() + 1).ok());
        Place {
            file: self.file.clone(),
            line: u32::try_from(line + 1).ok(),
            column,
        }
    }

    /// Notes a problem at a byte offset.
    pub(crate) fn report(
        &self,
        offset: usize,
        code: Code,
        because: impl AsRef<str>,
        hint: impl AsRef<str>,
    ) {
        let is_consequence = self.broken_lines.contains(&self.line(offset))
            || (code == Code::MISSING_KEY && !self.broken_lines.is_empty());
        if is_consequence {
            return;
        }
        self.push(offset, code, because.as_ref(), hint.as_ref());
    }

    /// Whether further problems are only counted.
    pub(crate) fn is_full(&self) -> bool {
        self.found.borrow().problems.len() >= PROBLEMS_MAX
    }

    /// What was wrong, by place.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        let Found { mut problems, more } = self.found.into_inner();
        problems.sort_by_key(|(offset, _)| *offset);
        let mut problems: Vec<Problem> = problems.into_iter().map(|(_, problem)| problem).collect();
        if let Some(last) = problems.last().filter(|_| more > 0) {
            let because = format!("has {more} more problems, which are not listed");
            let hint = "mend the first ones; the others may go with them";
            let place = Place::file(self.file.clone());
            problems.push(Problem::error(last.code, because).at(place).hint(hint));
        }
        problems
    }

    fn line(&self, offset: usize) -> usize {
        self.line_starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    /// The lines of the section whose header is `line`: with a broken header nobody knows whose keys they
    /// are. Nothing, if `line` is no header.
    fn lines_below_header(&self, line: usize) -> std::ops::Range<usize> {
        let is_header = |line: &usize| {
            let text = &self.text[self.line_starts[*line]..];
            text.trim_start_matches([' ', '\t']).starts_with('[')
        };
        if !is_header(&line) {
            return line..line;
        }
        let below = line + 1..self.line_starts.len();
        let end = below.clone().find(is_header).unwrap_or(below.end);
        line + 1..end
    }

    fn push(&self, offset: usize, code: Code, because: &str, hint: &str) {
        let mut found = self.found.borrow_mut();
        if found.problems.len() >= PROBLEMS_MAX {
            found.more += 1;
            return;
        }
        let mut problem = Problem::error(code, because).at(self.place(offset));
        if !hint.is_empty() {
            problem = problem.hint(hint);
        }
        found.problems.push((offset, problem));
    }

    /// Reports the first syntax error of each line: the parser repeats itself after one.
    fn syntax_error(&mut self, error: &toml::de::Error) {
        let span = error.span().unwrap_or_default();
        let line = self.line(span.start);
        if !self.broken_lines.insert(line) {
            return;
        }
        self.broken_lines.extend(self.lines_below_header(line));
        let wrong = self.text.get(span.clone()).unwrap_or_default();
        let because = match error.message() {
            "duplicate key" => format!("sets the key `{}` twice", shown(wrong)),
            message => format!("is not TOML here: {}", first_clause(message)),
        };
        let hint = syntax_hint(error.message(), wrong);
        self.push(span.start, Code::TOML_SYNTAX, &because, &hint);
    }
}

/// `bytes` as text, without a byte order mark.
fn utf8<'t>(bytes: &'t [u8], file: &str, bytes_max: usize) -> Result<&'t str, Box<Problem>> {
    if bytes.len() > bytes_max {
        let because = format!(
            "has {} bytes; the limit for this file is {bytes_max}",
            bytes.len()
        );
        return Err(Box::new(
            Problem::error(Code::TOO_LARGE, because)
                .at(Place::file(file))
                .hint("keep data in files of its own, such as assets"),
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (valid, wrong) = bytes.split_at(error.valid_up_to());
        let because = format!(
            "is not UTF-8 text: it has the byte 0x{:02x} here",
            wrong.first().copied().unwrap_or_default()
        );
        let valid = std::str::from_utf8(valid).unwrap_or_default();
        Problem::error(Code::NOT_UTF8, because)
            .at(Place::offset(file, valid, valid.len()))
            .hint("save the file with the encoding UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A message of the parser without the list of what it would have liked, where that is long.
fn first_clause(message: &str) -> &str {
    match message.split_once(", expected ") {
        Some((clause, expected)) if expected.len() > 40 || expected == "nothing" => clause,
        _ => message,
    }
}

fn syntax_hint(message: &str, wrong: &str) -> String {
    let is_unquoted = message.starts_with("string values must be quoted")
        || message.starts_with("invalid float")
        || message.starts_with("invalid boolean");
    if is_unquoted {
        "put text and versions in quotes: \"1.0.0\"".to_owned()
    } else if message == "duplicate key" {
        format!("keep one `{}`, with everything in it", shown(wrong))
    } else if message.contains("recurs") {
        "no key of this file is nested deeper than a few levels".to_owned()
    } else if message.starts_with("key with no value") {
        "write key = value".to_owned()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests;
