//! A problem at its place: the line of the file with a mark below it, why, and what to try.

use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::{Place, Problem, disk};

/// Larger files are not shown, only named.
const SOURCE_BYTES_MAX: u64 = 1024 * 1024;

/// Shows problems of the mods in one folder.
pub(super) struct Snippets {
    mods: PathBuf,
}

impl Snippets {
    pub(super) fn of(mods: &Path) -> Snippets {
        Snippets {
            mods: mods.to_owned(),
        }
    }

    /// The problem for people, in colour: the writer takes the colour out where it is not wanted.
    pub(super) fn show(&self, problem: &Problem) -> String {
        let place = problem.place.as_ref();
        let source = place.and_then(|place| self.line_of(place));
        let level = match problem.is_error() {
            true => Level::ERROR,
            false => Level::WARNING,
        };
        let subject = problem.mod_id.as_ref().map(|mod_id| format!("{mod_id} "));
        let title = format!("{}{}", subject.unwrap_or_default(), problem.because);
        let mut group = level
            .primary_title(title)
            .id(problem.code.as_str())
            .element_of(place, &source);
        if let Some(hint) = &problem.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        Renderer::styled().render(&[group])
    }

    /// The line that a place names, if it is there. A manifest's place is below the mods folder, that of a
    /// player's own values beside it.
    fn line_of(&self, place: &Place) -> Option<Line> {
        let number = place.line?;
        let below = self.mods.join(&*place.file);
        let beside = self.mods.join("..").join(&*place.file);
        let read = |path: &Path| disk::read_file_limited(path, SOURCE_BYTES_MAX).ok();
        let text = read(&below).or_else(|| read(&beside))?;
        let line = text.split(|byte| *byte == b'\n').nth(number as usize - 1)?;
        let line = String::from_utf8_lossy(line).trim_end().to_owned();
        let start = match place.column {
            Some(column) => {
                let at = line.char_indices().nth(column as usize - 1);
                at.map_or(line.len(), |(at, _)| at)
            }
            None => line.len() - line.trim_start().len(),
        };
        let end = match place.column {
            Some(_) => end_of_word(&line, start),
            None => line.len(),
        };
        Some(Line {
            number: number as usize,
            mark: start..end,
            text: line,
        })
    }
}

struct Line {
    text: String,
    number: usize,
    /// What to mark in it, in bytes.
    mark: std::ops::Range<usize>,
}

/// The end of the word, or the one character, that starts at `start`.
fn end_of_word(line: &str, start: usize) -> usize {
    let rest = &line[start..];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    let character = rest.chars().next().map_or(0, char::len_utf8);
    start + word.max(character)
}

/// Puts the place below a title: with the line where it could be read, by name otherwise.
trait ElementOf<'a> {
    fn element_of(self, place: Option<&'a Place>, line: &'a Option<Line>) -> Group<'a>;
}

impl<'a> ElementOf<'a> for annotate_snippets::Title<'a> {
    fn element_of(self, place: Option<&'a Place>, line: &'a Option<Line>) -> Group<'a> {
        let Some(place) = place else {
            return Group::with_title(self);
        };
        let Some(line) = line else {
            let mut origin = Origin::path(&*place.file);
            if let Some(number) = place.line {
                origin = origin.line(number as usize);
            }
            return self.element(origin);
        };
        let mark = AnnotationKind::Primary.span(line.mark.clone());
        let snippet = Snippet::source(line.text.as_str()).line_start(line.number);
        self.element(snippet.path(&*place.file).annotation(mark))
    }
}
