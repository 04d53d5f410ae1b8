//! How one Lua value is written in an image: a tag byte, then its payload, little-endian.

/// One value of an image. What has an identity of its own (tables, buffers) is an [`Val::Object`]
/// number; what belongs to the code (functions, classes) is a [`Val::Named`] number; the rest is here.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Val<'a> {
    /// Absent.
    Nil,
    /// `true`, `false`.
    Bool(bool),
    /// An integer, where the flavour tells it from a float.
    Int(i64),
    /// A float, bit for bit.
    Num(f64),
    /// A string: any bytes.
    Str(&'a [u8]),
    /// A string that occurs more than once: its number in the image.
    Atom(u32),
    /// A Luau vector.
    Vector([f32; 3]),
    /// The null pointer that hosts use for JSON's `null`.
    Null,
    /// A table or buffer: its number in the image.
    Object(u32),
    /// Something that the new code brings along under the same name: its number in the image.
    Named(u32),
    /// Something that can't cross. Its place is kept, so that the new code's own value can stay there.
    Opaque(Opaque),
}

/// What can't cross.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opaque {
    /// A function that the source does not tell apart, or of the engine without a name.
    Function,
    /// A coroutine that can still run.
    Coroutine,
    /// A coroutine that has ended.
    Ended,
    /// A coroutine that has not begun.
    Unbegun,
    /// An object of the game.
    Userdata,
}

impl Opaque {
    const ALL: [Opaque; 5] = [
        Opaque::Function,
        Opaque::Coroutine,
        Opaque::Ended,
        Opaque::Unbegun,
        Opaque::Userdata,
    ];

    /// Completes "`state.brain` is …".
    pub(crate) fn what(self) -> &'static str {
        match self {
            Opaque::Function => "a function",
            Opaque::Coroutine | Opaque::Unbegun => "a running coroutine",
            Opaque::Ended => "a finished coroutine",
            Opaque::Userdata => "an object of the game",
        }
    }

    /// The same, of something that is the key of an entry.
    pub(crate) fn what_as_key(self) -> &'static str {
        match self {
            Opaque::Function => "an entry with a function as its key",
            Opaque::Coroutine | Opaque::Unbegun => "an entry with a running coroutine as its key",
            Opaque::Ended => "an entry with a finished coroutine as its key",
            Opaque::Userdata => "an entry with an object of the game as its key",
        }
    }

    /// What to do about it.
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Opaque::Function => {
                "keep the name of the function in the state, and look it up in a table of functions"
            }
            Opaque::Coroutine | Opaque::Unbegun => {
                "keep its progress as plain data, and go on from there in a handler"
            }
            Opaque::Ended => "set the field to nil when the coroutine ends",
            Opaque::Userdata => {
                "keep in the state what tells it apart, such as a name, and ask the game for it again; set it to nil when the game lets it go"
            }
        }
    }
}

const NIL: u8 = 0x00;
const FALSE: u8 = 0x01;
const TRUE: u8 = 0x02;
const I16: u8 = 0x03;
const I32: u8 = 0x04;
const F64: u8 = 0x05;
const INT8: u8 = 0x06;
const INT32: u8 = 0x07;
const INT64: u8 = 0x08;
const STR8: u8 = 0x09;
const STR32: u8 = 0x0A;
const ATOM8: u8 = 0x0B;
const ATOM32: u8 = 0x0C;
const VECTOR: u8 = 0x0D;
const NULL: u8 = 0x0E;
const OBJECT: u8 = 0x0F;
const NAMED: u8 = 0x10;
const OPAQUE: u8 = 0x11;
/// Floats 0 to 127 are one byte: this bit and the number.
const SMALL: u8 = 0x80;

/// Writes one value. Inlined, since the caller mostly knows which kind of value it has.
#[inline(always)]
pub(crate) fn write(out: &mut Vec<u8>, value: Val<'_>) {
    match value {
        Val::Nil => out.push(NIL),
        Val::Bool(b) => out.push(if b { TRUE } else { FALSE }),
        Val::Int(n) => write_int(out, n),
        Val::Num(n) => write_num(out, n),
        Val::Str(s) => write_str(out, s),
        Val::Atom(n) => match u8::try_from(n) {
            Ok(n) => out.extend_from_slice(&[ATOM8, n]),
            Err(_) => tagged(out, ATOM32, n.to_le_bytes()),
        },
        Val::Vector([x, y, z]) => {
            out.push(VECTOR);
            for part in [x, y, z] {
                out.extend_from_slice(&part.to_le_bytes());
            }
        }
        Val::Null => out.push(NULL),
        Val::Object(n) => tagged(out, OBJECT, n.to_le_bytes()),
        Val::Named(n) => tagged(out, NAMED, n.to_le_bytes()),
        Val::Opaque(o) => out.extend_from_slice(&[OPAQUE, o as u8]),
    }
}

#[inline]
fn write_num(out: &mut Vec<u8>, n: f64) {
    let i = n as i32;
    if f64::from(i).to_bits() != n.to_bits() {
        tagged(out, F64, n.to_le_bytes());
    } else if (0..128).contains(&i) {
        out.push(SMALL | i as u8);
    } else if let Ok(i) = i16::try_from(i) {
        tagged(out, I16, i.to_le_bytes());
    } else {
        tagged(out, I32, i.to_le_bytes());
    }
}

#[inline]
fn write_int(out: &mut Vec<u8>, n: i64) {
    if let Ok(n) = i8::try_from(n) {
        out.extend_from_slice(&[INT8, n as u8]);
    } else if let Ok(n) = i32::try_from(n) {
        tagged(out, INT32, n.to_le_bytes());
    } else {
        tagged(out, INT64, n.to_le_bytes());
    }
}

#[inline]
fn write_str(out: &mut Vec<u8>, s: &[u8]) {
    match u8::try_from(s.len()) {
        Ok(len) => out.extend_from_slice(&[STR8, len]),
        Err(_) => tagged(out, STR32, (s.len() as u32).to_le_bytes()),
    }
    out.extend_from_slice(s);
}

/// Tag and payload in one go: one capacity check, one copy of known size.
#[inline]
fn tagged<const N: usize>(out: &mut Vec<u8>, tag: u8, payload: [u8; N]) {
    let mut both = [0; 9];
    both[0] = tag;
    both[1..=N].copy_from_slice(&payload);
    out.extend_from_slice(&both[..=N]);
}

/// Reads the value at `at` and moves `at` behind it; `None` if the bytes end early or make no sense.
#[inline]
pub(crate) fn read<'a>(bytes: &'a [u8], at: &mut usize) -> Option<Val<'a>> {
    let tag = *bytes.get(*at)?;
    *at += 1;
    if tag & SMALL != 0 {
        return Some(Val::Num(f64::from(tag & !SMALL)));
    }
    Some(match tag {
        NIL => Val::Nil,
        FALSE => Val::Bool(false),
        TRUE => Val::Bool(true),
        I16 => Val::Num(f64::from(i16::from_le_bytes(take(bytes, at)?))),
        I32 => Val::Num(f64::from(i32::from_le_bytes(take(bytes, at)?))),
        F64 => Val::Num(f64::from_le_bytes(take(bytes, at)?)),
        INT8 => Val::Int(i64::from(i8::from_le_bytes(take(bytes, at)?))),
        INT32 => Val::Int(i64::from(i32::from_le_bytes(take(bytes, at)?))),
        INT64 => Val::Int(i64::from_le_bytes(take(bytes, at)?)),
        STR8 => {
            let [len] = take(bytes, at)?;
            Val::Str(slice(bytes, at, usize::from(len))?)
        }
        STR32 => {
            let len = take_u32(bytes, at)?;
            Val::Str(slice(bytes, at, len as usize)?)
        }
        ATOM8 => {
            let [n] = take(bytes, at)?;
            Val::Atom(u32::from(n))
        }
        ATOM32 => Val::Atom(take_u32(bytes, at)?),
        VECTOR => {
            let mut parts = [0.0; 3];
            for part in &mut parts {
                *part = f32::from_le_bytes(take(bytes, at)?);
            }
            Val::Vector(parts)
        }
        NULL => Val::Null,
        OBJECT => Val::Object(take_u32(bytes, at)?),
        NAMED => Val::Named(take_u32(bytes, at)?),
        OPAQUE => {
            let [kind] = take(bytes, at)?;
            Val::Opaque(*Opaque::ALL.get(usize::from(kind))?)
        }
        _ => return None,
    })
}

/// Reads `N` bytes.
#[inline]
pub(crate) fn take<const N: usize>(bytes: &[u8], at: &mut usize) -> Option<[u8; N]> {
    let end = at.checked_add(N)?;
    let part = bytes.get(*at..end)?.try_into().ok()?;
    *at = end;
    Some(part)
}

/// Reads a `u32`.
#[inline]
pub(crate) fn take_u32(bytes: &[u8], at: &mut usize) -> Option<u32> {
    take(bytes, at).map(u32::from_le_bytes)
}

/// Reads `len` bytes without copying them.
#[inline]
pub(crate) fn slice<'a>(bytes: &'a [u8], at: &mut usize, len: usize) -> Option<&'a [u8]> {
    let end = at.checked_add(len)?;
    let part = bytes.get(*at..end)?;
    *at = end;
    Some(part)
}
