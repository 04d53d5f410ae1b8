//! Text in a picture: how wide it is, where its lines break, and how its signs are written.

/// The size of a letter of the monospaced font, of usual and of small text, with a little to spare for
/// fonts that are wider than most.
pub(super) const LETTER: f64 = 7.4;
pub(super) const SMALL_LETTER: f64 = 6.2;

/// The most letters of a version that are shown; the whole one is in the tooltip.
const VERSION_LETTERS: usize = 20;

/// The least of the letters that take the place of two, as those of Chinese and Japanese do.
const FIRST_WIDE: char = '\u{1100}';

/// How many letters wide the text is.
pub(super) fn letters(text: &str) -> usize {
    text.chars()
        .map(|c| if c >= FIRST_WIDE { 2 } else { 1 })
        .sum()
}

/// How wide text of this many letters is, in letters of that width.
pub(super) fn width(letters: usize, letter: f64) -> f64 {
    u16::try_from(letters).map_or(f64::from(u16::MAX), f64::from) * letter
}

/// The text, cut after so many letters.
pub(super) fn cut(text: &str, letters_max: usize) -> String {
    if letters(text) <= letters_max {
        return text.to_owned();
    }
    let mut width = 1;
    let fits = text.chars().take_while(|c| {
        width += letters(c.encode_utf8(&mut [0; 4]));
        width <= letters_max
    });
    fits.chain(['…']).collect()
}

pub(super) fn version(version: &semver::Version) -> String {
    cut(&version.to_string(), VERSION_LETTERS)
}

/// The text in lines of so many letters, broken between words where it can be, and cut after so many lines.
pub(super) fn wrapped(text: &str, letters_max: usize, lines_max: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let word = cut(word, letters_max);
        let is_last = lines.len() == lines_max;
        // The last line keeps room for the sign that it goes on.
        let room = letters_max - if is_last { 2 } else { 0 };
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            *line = word;
        } else if letters(line) + 1 + letters(&word) <= room {
            *line += &format!(" {word}");
        } else if is_last {
            *line += " …";
            break;
        } else {
            lines.push(word);
        }
    }
    lines
}

/// Text for XML: its signs as entities, and nothing that XML forbids.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
