//! Places: the names of functions in a file, which stay when something else in the file is edited.

use std::collections::HashMap;

/// The longest place, in bytes: longer ones come only from sources that nobody wrote by hand.
const PLACE_BYTES_MAX: usize = 1024;

/// All places of one file together, in bytes; and all slots.
pub(super) const PLACES_BYTES_MAX: usize = 4 << 20;

/// A piece of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(super) fn new(start: u32, end: u32) -> Span {
        Span { start, end }
    }
}

/// One step of the way to where an expression stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// What it is assigned to: `Unit.step`.
    Target(Span),
    /// The key of a field that it is the value of.
    Key(Span),
    /// It is in a table without a key that is a name.
    Item,
    /// It is an argument of this call.
    Call(Span, FirstArgument),
    /// It is returned.
    Return,
}

/// What else tells a call apart.
#[derive(Clone, Copy, Debug)]
pub(super) enum FirstArgument {
    /// A string: its text.
    Text(Span),
    /// A name.
    Name(Span),
    /// Anything else.
    Other,
}

/// The places given so far.
#[derive(Default)]
pub(super) struct Places {
    /// How many functions there are with each label.
    counts: HashMap<String, u32>,
    bytes: usize,
}

impl Places {
    /// The place of a function inside `encloser` at the end of `path`; `None` above the limits.
    pub(super) fn place(&mut self, source: &[u8], encloser: &str, path: &[Step]) -> Option<String> {
        let mut place = String::with_capacity(encloser.len() + 32);
        if !encloser.is_empty() {
            place.push_str(encloser);
            place.push_str(" > ");
        }
        for step in path {
            push_step(&mut place, source, *step)?;
        }
        let count = match self.counts.get_mut(place.as_str()) {
            Some(count) => {
                *count += 1;
                *count
            }
            None => {
                self.counts.insert(place.clone(), 1);
                1
            }
        };
        if !is_named(path) {
            place.push_str(&format!("#{count}"));
        } else if count > 1 {
            place.push_str(&format!("~{count}"));
        }
        self.bytes += place.len();
        let fits = place.len() <= PLACE_BYTES_MAX && self.bytes <= PLACES_BYTES_MAX;
        fits.then_some(place)
    }
}

/// Whether a path is the name of one thing.
fn is_named(path: &[Step]) -> bool {
    matches!(path.first(), Some(Step::Target(_) | Step::Return))
        && !path
            .iter()
            .any(|step| matches!(step, Step::Item | Step::Call(..)))
}

fn push_step(place: &mut String, source: &[u8], step: Step) -> Option<()> {
    let text =
        |span: Span| std::str::from_utf8(&source[span.start as usize..span.end as usize]).ok();
    let push_name = |place: &mut String, span: Span| {
        let name = text(span)?;
        place.extend(name.chars().map(|c| if c == ':' { '.' } else { c }));
        (place.len() <= PLACE_BYTES_MAX).then_some(())
    };
    match step {
        Step::Target(span) => push_name(place, span)?,
        Step::Key(span) => {
            place.push('.');
            push_name(place, span)?;
        }
        Step::Item => place.push_str("[]"),
        Step::Return => place.push_str("return"),
        Step::Call(callee, first) => {
            push_name(place, callee)?;
            place.push('(');
            match first {
                FirstArgument::Text(span) => {
                    place.push('"');
                    place.push_str(text(span)?);
                    place.push('"');
                }
                FirstArgument::Name(span) => push_name(place, span)?,
                FirstArgument::Other => {}
            }
            place.push(')');
        }
    }
    Some(())
}
