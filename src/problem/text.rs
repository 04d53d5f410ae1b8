//! Texts of strangers, made fit to be shown: short, on one line, in one direction.

/// The longest `because` or `hint`, in bytes; the rest is cut.
pub const TEXT_BYTES_MAX: usize = 4096;

/// `text` as one short line that is safe to print: control and bidirectional characters become
/// spaces, and what is longer than [`TEXT_BYTES_MAX`] is cut.
pub fn one_line(text: &str) -> String {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut line: String = text[..end]
        .trim_end()
        .chars()
        .map(|c| if is_shown(c) { c } else { ' ' })
        .collect();
    if end < text.len() {
        line.push('…');
    }
    line
}

/// Whether a character can stand in a line that people read: it is no control character, and does not turn
/// the direction of what follows.
pub(crate) fn is_shown(c: char) -> bool {
    let turns = matches!(
        c,
        '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    );
    !c.is_control() && !turns
}

/// The beginning of `bytes` as [`one_line`]. What is cut off is not looked at, however long it is.
pub fn one_line_of(bytes: &[u8]) -> String {
    let end = bytes.len().min(TEXT_BYTES_MAX + 1);
    one_line(&String::from_utf8_lossy(&bytes[..end]))
}
