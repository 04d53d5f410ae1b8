//! [`Key`]: a key of a table that can be compared across images.

use super::code::Val;
use super::image::Image;

/// A key that two images can be asked for: anything but a table or buffer. Sorted as people would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key<'a> {
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float, as an integer that sorts alike.
    Num(i64),
    /// A string.
    Str(&'a [u8]),
    /// A vector.
    Vector([u32; 3]),
    /// The null pointer.
    Null,
    /// Something that has a name.
    Named(&'a str),
}

impl<'a> Key<'a> {
    /// The key that `value` of `image` is.
    #[inline]
    pub(crate) fn of(image: &'a Image, value: Val<'a>) -> Option<Key<'a>> {
        Some(match value {
            Val::Bool(b) => Key::Bool(b),
            Val::Int(n) => Key::Int(n),
            Val::Num(n) => Key::Num(sortable(n)),
            Val::Str(s) => Key::Str(s),
            Val::Atom(n) => Key::Str(image.atom(n)),
            Val::Vector(parts) => Key::Vector(parts.map(|part| (part + 0.0).to_bits())),
            Val::Null => Key::Null,
            Val::Named(n) => Key::Named(image.name(n)),
            Val::Nil | Val::Object(_) | Val::Opaque(_) => return None,
        })
    }
}

/// The bits of a float, such that they sort as the floats do. The keys 0 and -0 are one key.
fn sortable(n: f64) -> i64 {
    let bits = (n + 0.0).to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}
