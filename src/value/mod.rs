//! [`Value`]: a Lua value as plain owned data, as it crosses between mods, host and protocol.

mod check;
mod from_value;
mod object;
#[cfg(test)]
mod tests;
mod to_value;
mod write;

use std::fmt;

pub use self::object::{HostObject, Object, ObjectId};

/// A Lua value that belongs to no VM.
///
/// Tables are numbered in the order in which they are met, from 0; a table met again is a
/// [`Value::Ref`] to its number, so shared tables and cycles survive the crossing.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    /// `nil`
    #[default]
    Nil,
    /// `true`, `false`
    Boolean(bool),
    /// An integer, where the flavour has them (Lua 5.4).
    Integer(i64),
    /// A float.
    Number(f64),
    /// A string: any bytes.
    String(Box<[u8]>),
    /// A Luau vector.
    Vector([f32; 3]),
    /// A Luau buffer.
    Buffer(Box<[u8]>),
    /// A table, met for the first time.
    Table(Vec<(Value, Value)>),
    /// A table met before.
    Ref(u32),
    /// A function, with its name if it has one. It can be shown, not called.
    Function(Option<Box<str>>),
    /// A thing of the game. Boxed, so that it makes no other value larger.
    Object(Box<Object>),
    /// A userdata or coroutine, with the name of its type. It can be shown, not used.
    Opaque(Box<str>),
}

/// The deepest nesting of tables in a [`Value`]. Values are messages; what is deeper is state, and
/// state crosses as an image.
pub const VALUE_DEPTH_MAX: usize = 128;

/// The most entries of all tables of one [`Value`] together.
pub const VALUE_ENTRIES_MAX: usize = 1 << 20;

/// The most bytes of all strings and buffers of one [`Value`] together. A string counts as often as it is
/// met: it has no identity, so each crossing copies it.
pub const VALUE_BYTES_MAX: usize = 16 << 20;

/// Why something can't be a [`Value`]; completes "the value can't cross because it …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoValue {
    /// Deeper than [`VALUE_DEPTH_MAX`].
    #[error("is nested deeper than {VALUE_DEPTH_MAX} tables")]
    TooDeep,
    /// More entries than [`VALUE_ENTRIES_MAX`].
    #[error("has more than {VALUE_ENTRIES_MAX} entries")]
    TooLarge,
    /// More bytes than [`VALUE_BYTES_MAX`].
    #[error("has strings of more than {VALUE_BYTES_MAX} bytes")]
    TooLong,
    /// What serde reports, such as a type that has no Lua counterpart.
    #[error("{0}")]
    Unfit(String),
}

impl Value {
    /// Whether this is `nil`.
    pub fn is_nil(&self) -> bool {
        matches!(self, Value::Nil)
    }

    /// Whether pushing this onto a Lua stack needs no memory.
    pub fn is_scalar(&self) -> bool {
        matches!(
            self,
            Value::Nil
                | Value::Boolean(_)
                | Value::Integer(_)
                | Value::Number(_)
                | Value::Vector(_)
        )
    }

    /// Roughly how much memory this takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        let own = size_of::<Value>();
        match self {
            Value::String(bytes) | Value::Buffer(bytes) => own + bytes.len(),
            Value::Table(entries) => entries
                .iter()
                .map(|(key, value)| key.size() + value.size())
                .fold(own, usize::saturating_add),
            Value::Object(object) => own + size_of::<Object>() + object.kind.len(),
            _ => own,
        }
    }

    /// The string, if this is one and it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The number, if this is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Integer(n) => Some(*n as f64),
            Value::Number(n) => Some(*n),
            _ => None,
        }
    }

    /// The value of the entry with the string key `key`, if this is a table.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let Value::Table(entries) = self else {
            return None;
        };
        entries
            .iter()
            .find(|(k, _)| k.as_str() == Some(key))
            .map(|(_, v)| v)
    }

    /// A table with `items` at the keys 1 to n.
    pub fn list(items: impl IntoIterator<Item = Value>) -> Value {
        let keys = (1..).map(Value::Integer);
        Value::Table(keys.zip(items).collect())
    }

    /// The items, if this is a table with the keys 1 to n in order. The empty table is an empty list.
    pub fn as_list(&self) -> Option<Vec<&Value>> {
        let Value::Table(entries) = self else {
            return None;
        };
        let is_at = |key: &Value, at: usize| key.as_f64().is_some_and(|n| n == (at + 1) as f64);
        entries
            .iter()
            .enumerate()
            .map(|(at, (key, item))| is_at(key, at).then_some(item))
            .collect()
    }

    /// The items, if this is a table with the keys 1 to n and no others.
    pub fn as_array(&self) -> Option<Vec<&Value>> {
        let Value::Table(entries) = self else {
            return None;
        };
        let mut items: Vec<Option<&Value>> = vec![None; entries.len()];
        for (key, value) in entries {
            let n = key.as_f64()?;
            if n.fract() != 0.0 || n < 1.0 || n > entries.len() as f64 {
                return None;
            }
            items[n as usize - 1] = Some(value);
        }
        items.into_iter().collect()
    }

    /// What Lua's `type` says.
    pub fn type_name(&self) -> &str {
        match self {
            Value::Nil => "nil",
            Value::Boolean(_) => "boolean",
            Value::Integer(_) | Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Vector(_) => "vector",
            Value::Buffer(_) => "buffer",
            Value::Table(_) | Value::Ref(_) => "table",
            Value::Function(_) => "function",
            Value::Object(object) => &object.kind,
            Value::Opaque(name) => name,
        }
    }

    /// The first kind of a host object in it that is not one of `known`. As deep as the value, and without
    /// allocation: every payload is asked.
    pub(crate) fn unknown_kind(&self, known: &impl Fn(&str) -> bool) -> Option<&str> {
        match self {
            Value::Object(object) => Some(&*object.kind).filter(|kind| !known(kind)),
            Value::Table(entries) => entries
                .iter()
                .flat_map(|(key, value)| [key, value])
                .find_map(|value| value.unknown_kind(known)),
            _ => None,
        }
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Value::Boolean(b)
    }
}

impl From<f64> for Value {
    fn from(n: f64) -> Self {
        Value::Number(n)
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Value::String(s.as_bytes().into())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Nil => f.write_str("nil"),
            Value::Boolean(b) => b.fmt(f),
            Value::Integer(n) => n.fmt(f),
            Value::Number(n) => n.fmt(f),
            Value::String(bytes) => write!(f, "{:?}", String::from_utf8_lossy(bytes)),
            Value::Object(object) => write!(f, "<{object}>"),
            other => write!(f, "<{}>", other.type_name()),
        }
    }
}
