//! Lines of a stream, none longer than a limit.

use std::io::{self, BufRead};

/// The longest line, in bytes: 16 MiB.
pub(super) const LINE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line without its end.
    Text(Vec<u8>),
    /// A line that was longer than the limit, and was skipped.
    TooLong,
}

/// The next line; `None` at the end of the stream. A last line without an end counts.
///
/// # Errors
/// What the stream says.
pub(super) fn next_line(input: &mut impl BufRead, bytes_max: usize) -> io::Result<Option<Line>> {
    let (mut line, mut is_too_long, mut is_anything) = (Vec::new(), false, false);
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = available.iter().position(|byte| *byte == b'\n');
        let is_end = end.is_some() || available.is_empty();
        is_anything |= !available.is_empty();
        let part = &available[..end.unwrap_or(available.len())];
        is_too_long |= line.len() + part.len() > bytes_max;
        if is_too_long {
            line = Vec::new();
        } else {
            line.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if is_end {
            let line = match is_too_long {
                true => Line::TooLong,
                false => Line::Text(line),
            };
            return Ok(is_anything.then_some(line));
        }
    }
}
