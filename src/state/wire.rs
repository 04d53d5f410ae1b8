//! An image as one run of bytes: header, names, strings, shared variables, heads, blocks. What comes in is distrusted.
//!
//! | part | bytes |
//! |---|---|
//! | magic, format version, flags (none yet), state version | 8, 2, 2, 4 |
//! | checksum of everything but itself: the start of its BLAKE3 hash | 8 |
//! | number of slots, names, strings, shared variables, objects, bytes of heads, bytes of blocks | 4 each |
//! | slot names, names, strings: length and bytes of each | |
//! | shared variables: function, number, length and bytes of the name | |
//! | heads: a value for each slot | |
//! | blocks: each object | |
//!
//! A table is: flags (1), array length (4), entry count (4), bytes of the array (4), the metatable if
//! the flags say so, the values of the array, the entries as key and value. A function is a table whose
//! metatable is the name of its place, without an array. A buffer is: flags (1), length (4), bytes.
//! Numbers are little-endian. `state::code` tells how a value is written.

use super::code::{self, Val};
use super::image::{
    BUFFER, FREE_FLAGS, FUNCTION, HOLES, Image, META, OBJECT_KEYS, Object, Parts, SHARED,
    SharedVariable, Slot, Table,
};

const MAGIC: [u8; 8] = *b"LUNATION";
const FORMAT: u16 = 2;
const CHECKSUM_AT: usize = 16;
const HEADER: usize = 52;

/// Why bytes are no image; completes "the saved state can't be read because it …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadImage {
    /// It does not begin as an image does.
    #[error("is not a Lunation state image")]
    Foreign,
    /// A later version of Lunation wrote it.
    #[error("has the format version {0}, and this version of Lunation reads up to {FORMAT}")]
    Newer(u16),
    /// An earlier version of Lunation wrote it, before saves were promised to last.
    #[error(
        "has the format version {0}, which was never promised to last: this version of Lunation reads {FORMAT}"
    )]
    Older(u16),
    /// Bytes were lost or changed since it was written.
    #[error("is damaged: its checksum does not match its content")]
    Checksum,
    /// The checksum is right, and still the content contradicts itself.
    #[error("is malformed: {0}")]
    Malformed(&'static str),
}

impl Image {
    /// The image as bytes for a file: with a header and a checksum.
    pub fn to_bytes(&self) -> Vec<u8> {
        let parts = &*self.0;
        let mut out = Vec::with_capacity(len(parts));
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.extend_from_slice(&0u16.to_le_bytes());
        out.extend_from_slice(&parts.state_version.to_le_bytes());
        out.extend_from_slice(&[0; 8]);
        for count in [
            parts.slots.len(),
            parts.names.len(),
            parts.atoms.len(),
            parts.shared.len(),
            parts.objects.len(),
            parts.heads.len(),
            parts.blocks.len(),
        ] {
            out.extend_from_slice(&(count as u32).to_le_bytes());
        }
        let slots = parts.slots.iter().map(|slot| slot.name.as_bytes());
        let names = parts.names.iter().map(|name| name.as_bytes());
        for text in slots.chain(names).chain(self.atoms()) {
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            out.extend_from_slice(text);
        }
        for shared in &parts.shared {
            for number in [shared.function, shared.number, shared.name.len() as u32] {
                out.extend_from_slice(&number.to_le_bytes());
            }
            out.extend_from_slice(shared.name.as_bytes());
        }
        out.extend_from_slice(&parts.heads);
        out.extend_from_slice(&parts.blocks);
        let sum = checksum(&out);
        out[CHECKSUM_AT..CHECKSUM_AT + 8].copy_from_slice(&sum);
        out
    }

    /// Reads what [`Image::to_bytes`] wrote. Any bytes may be given: nothing in them is believed
    /// before it is checked, and no more memory is taken than a small multiple of their length.
    ///
    /// # Errors
    ///
    /// [`BadImage`] tells what is wrong with them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Image, BadImage> {
        if bytes.len() < HEADER || bytes[..8] != MAGIC {
            return Err(BadImage::Foreign);
        }
        let mut at = 8;
        let [format_low, format_high] = code::take(bytes, &mut at).ok_or(BadImage::Foreign)?;
        let format = u16::from_le_bytes([format_low, format_high]);
        if format > FORMAT {
            return Err(BadImage::Newer(format));
        }
        if format < FORMAT {
            return Err(BadImage::Older(format));
        }
        if bytes[CHECKSUM_AT..CHECKSUM_AT + 8] != checksum(bytes) {
            return Err(BadImage::Checksum);
        }
        let parts = parse(bytes).ok_or(BadImage::Malformed("its parts overlap or end early"))?;
        let image = Image::new(parts);
        check(&image)?;
        Ok(image)
    }
}

/// How many bytes the parts have as a file.
pub(super) fn len(parts: &Parts) -> usize {
    let slots: usize = parts.slots.iter().map(|slot| 4 + slot.name.len()).sum();
    let names: usize = parts.names.iter().map(|name| 4 + name.len()).sum();
    let strings = 4 * parts.atoms.len() + parts.text.len();
    let shared: usize = parts.shared.iter().map(|it| 12 + it.name.len()).sum();
    HEADER + slots + names + strings + shared + parts.heads.len() + parts.blocks.len()
}

/// Over everything but the eight bytes where it stands.
fn checksum(bytes: &[u8]) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&bytes[..CHECKSUM_AT]);
    hasher.update(&bytes[CHECKSUM_AT + 8..]);
    let mut sum = [0; 8];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    sum
}

/// Makes the checksum right again, so that tests get past it.
#[cfg(test)]
pub(crate) fn reseal(bytes: &mut [u8]) {
    if bytes.len() >= HEADER {
        let sum = checksum(bytes);
        bytes[CHECKSUM_AT..CHECKSUM_AT + 8].copy_from_slice(&sum);
    }
}

/// Finds where everything starts. Grows nothing faster than it reads.
fn parse(bytes: &[u8]) -> Option<Parts> {
    let mut parts = Parts::default();
    let mut at = CHECKSUM_AT - 4;
    parts.state_version = code::take_u32(bytes, &mut at)?;
    at += 8;
    let mut counts = [0; 7];
    for count in &mut counts {
        *count = code::take_u32(bytes, &mut at)?;
    }
    let [slots, names, atoms, shared, objects, heads, blocks] = counts;
    for _ in 0..slots {
        parts.slots.push(Slot {
            name: text(bytes, &mut at)?,
            label: None,
            at: 0,
        });
    }
    for _ in 0..names {
        parts.names.push(text(bytes, &mut at)?);
    }
    for _ in 0..atoms {
        let len = code::take_u32(bytes, &mut at)? as usize;
        parts
            .text
            .extend_from_slice(code::slice(bytes, &mut at, len)?);
        parts.atoms.push(u32::try_from(parts.text.len()).ok()?);
    }
    for _ in 0..shared {
        let function = code::take_u32(bytes, &mut at).filter(|id| *id < objects)?;
        let number = code::take_u32(bytes, &mut at)?;
        parts.shared.push(SharedVariable {
            function,
            name: text(bytes, &mut at)?,
            number,
        });
    }
    let heads = code::slice(bytes, &mut at, heads as usize)?;
    let mut at_head = 0;
    for slot in &mut parts.slots {
        slot.at = at_head as u32;
        code::read(heads, &mut at_head)?;
    }
    parts.heads = heads.to_vec();
    let blocks = code::slice(bytes, &mut at, blocks as usize)?;
    let mut at_block = 0;
    for _ in 0..objects {
        parts.objects.push(at_block as u32);
        parts.entries += skip_object(blocks, &mut at_block)?;
    }
    parts.blocks = blocks.to_vec();
    let is_whole = at_head == heads.len() && at_block == blocks.len();
    (at == bytes.len() && is_whole).then_some(parts)
}

fn text(bytes: &[u8], at: &mut usize) -> Option<Box<str>> {
    let len = code::take_u32(bytes, at)? as usize;
    let text = code::slice(bytes, at, len)?;
    std::str::from_utf8(text).ok().map(Box::from)
}

/// Moves behind an object and tells how many entries it has.
fn skip_object(blocks: &[u8], at: &mut usize) -> Option<u64> {
    let [flags] = code::take(blocks, at).filter(|[flags]| flags & FREE_FLAGS == 0)?;
    let array = code::take_u32(blocks, at)?;
    if flags & BUFFER != 0 {
        code::slice(blocks, at, array as usize)?;
        return Some(0);
    }
    let hash = code::take_u32(blocks, at)?;
    let array_bytes = code::take_u32(blocks, at)? as usize;
    if flags & META != 0 {
        code::read(blocks, at)?;
    }
    let array_at = *at;
    for _ in 0..array {
        code::read(blocks, at)?;
    }
    if *at - array_at != array_bytes {
        return None;
    }
    for _ in 0..u64::from(hash) * 2 {
        code::read(blocks, at)?;
    }
    Some(u64::from(array) + u64::from(hash))
}

/// Checks every reference, and that every object that is referred to twice says so: that is what
/// ends the walk around a cycle.
fn check(image: &Image) -> Result<(), BadImage> {
    let mut seen = vec![0u8; image.objects() as usize];
    let mut refer = |value: Val<'_>| {
        let known = match value {
            Val::Atom(n) => (n as usize) < image.0.atoms.len(),
            Val::Named(n) => (n as usize) < image.0.names.len(),
            Val::Object(n) => match seen.get_mut(n as usize) {
                Some(count) => {
                    *count = count.saturating_add(1);
                    true
                }
                None => false,
            },
            _ => true,
        };
        known
            .then_some(())
            .ok_or(BadImage::Malformed("it refers to something it lacks"))
    };
    for n in 0..image.0.slots.len() as u32 {
        refer(image.slot_value(n))?;
    }
    let name = |n: &u32| &image.0.slots[*n as usize].name;
    if (image.0.slots_by_name.windows(2)).any(|two| name(&two[0]) == name(&two[1])) {
        return Err(BadImage::Malformed("two slots have one name"));
    }
    for id in 0..image.objects() {
        let Object::Table(table) = image.object(id) else {
            continue;
        };
        let is_function = table.flags & FUNCTION != 0;
        match table.meta {
            Val::Named(_) => {}
            Val::Nil | Val::Object(_) if !is_function => {}
            _ => {
                return Err(BadImage::Malformed(
                    "a metatable is none, or a function has no place",
                ));
            }
        }
        if is_function && table.array.left() != 0 {
            return Err(BadImage::Malformed("a function has an array"));
        }
        refer(table.meta)?;
        let (mut has_holes, mut has_object_keys) = (false, false);
        for value in table.array {
            refer(sound(value, &mut has_holes)?)?;
        }
        for (_, key, value) in table.entries {
            match key {
                Val::Num(n) if n.is_nan() => return Err(BadImage::Malformed("a key is nan")),
                Val::Vector(v) if v.iter().any(|part| part.is_nan()) => {
                    return Err(BadImage::Malformed("a key is nan"));
                }
                Val::Object(_) => has_object_keys = true,
                Val::Nil | Val::Opaque(_) => {
                    return Err(BadImage::Malformed("a key can't be a key"));
                }
                _ => {}
            }
            refer(key)?;
            refer(sound(value, &mut has_holes)?)?;
        }
        let says = |flag| table.flags & flag != 0;
        if has_holes != says(HOLES) || has_object_keys != says(OBJECT_KEYS) {
            return Err(BadImage::Malformed("a table has the wrong flags"));
        }
    }
    for (id, count) in (0..).zip(seen) {
        let (Object::Table(Table { flags, .. }) | Object::Buffer(_, flags)) = image.object(id);
        if count > 1 && flags & SHARED == 0 {
            return Err(BadImage::Malformed("a shared table does not say so"));
        }
    }
    Ok(())
}

/// A value of an entry: anything but nil.
fn sound<'a>(value: Val<'a>, has_holes: &mut bool) -> Result<Val<'a>, BadImage> {
    match value {
        Val::Nil => return Err(BadImage::Malformed("an entry has no value")),
        Val::Opaque(_) => *has_holes = true,
        _ => {}
    }
    Ok(value)
}
