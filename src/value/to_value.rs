//! Rust values as [`Value`]s, through serde: payloads of events, results of host functions.

use serde::ser::{self, Serialize};

use super::object::OBJECT;
use super::{NoValue, Object, VALUE_DEPTH_MAX, Value};

impl Value {
    /// `value` as a [`Value`]: structs and maps become tables with string keys, sequences arrays from 1,
    /// `None` and `()` nil. Scalars need no allocation.
    ///
    /// # Errors
    /// Values that are nested too deep, or that Lua has no counterpart for.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Value, NoValue> {
        value.serialize(ToValue {
            depth: 0,
            is_object: false,
        })
    }
}

impl ser::Error for NoValue {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        NoValue::Unfit(message.to_string())
    }
}

#[derive(Clone, Copy)]
struct ToValue {
    depth: usize,
    /// Whether it is a field of an [`Object`].
    is_object: bool,
}

impl ToValue {
    fn deeper(self) -> Result<ToValue, NoValue> {
        if self.depth >= VALUE_DEPTH_MAX {
            Err(NoValue::TooDeep)
        } else {
            Ok(ToValue {
                depth: self.depth + 1,
                is_object: false,
            })
        }
    }

    fn entries(self, length: Option<usize>) -> Result<Entries, NoValue> {
        let capacity = length.unwrap_or(0).min(1024);
        Ok(Entries {
            inner: self.deeper()?,
            variant: None,
            key: None,
            entries: Vec::with_capacity(capacity),
        })
    }

    fn variant(self, name: &'static str, length: usize) -> Result<Entries, NoValue> {
        Ok(Entries {
            variant: Some(name),
            ..self.entries(Some(length))?
        })
    }
}

struct Entries {
    inner: ToValue,
    /// The name of the enum variant around the entries.
    variant: Option<&'static str>,
    key: Option<Value>,
    entries: Vec<(Value, Value)>,
}

impl Entries {
    fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), NoValue> {
        let key = Value::Number(self.entries.len() as f64 + 1.0);
        self.entries.push((key, item.serialize(self.inner)?));
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: Value, value: &T) -> Result<(), NoValue> {
        let value = value.serialize(self.inner)?;
        if !value.is_nil() {
            self.entries.push((key, value));
        }
        Ok(())
    }

    fn finish(self) -> Value {
        if let (true, [(_, kind), (_, Value::Integer(id))]) = (self.inner.is_object, &*self.entries)
            && let Some(kind) = kind.as_str()
        {
            let (kind, id) = (kind.into(), *id as u64);
            return Object { kind, id }.value();
        }
        let table = Value::Table(self.entries);
        match self.variant {
            Some(name) => Value::Table(vec![(name.into(), table)]),
            None => table,
        }
    }
}

macro_rules! scalars {
    ($($method:ident($type:ty) => $make:expr;)*) => {
        $(fn $method(self, value: $type) -> Result<Value, NoValue> { Ok(($make)(value)) })*
    };
}

impl ser::Serializer for ToValue {
    type Ok = Value;
    type Error = NoValue;
    type SerializeSeq = Entries;
    type SerializeTuple = Entries;
    type SerializeTupleStruct = Entries;
    type SerializeTupleVariant = Entries;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    scalars! {
        serialize_bool(bool) => Value::Boolean;
        serialize_i8(i8) => |n| Value::Integer(i64::from(n));
        serialize_i16(i16) => |n| Value::Integer(i64::from(n));
        serialize_i32(i32) => |n| Value::Integer(i64::from(n));
        serialize_i64(i64) => Value::Integer;
        serialize_u8(u8) => |n| Value::Integer(i64::from(n));
        serialize_u16(u16) => |n| Value::Integer(i64::from(n));
        serialize_u32(u32) => |n| Value::Integer(i64::from(n));
        serialize_f32(f32) => |n| Value::Number(f64::from(n));
        serialize_f64(f64) => Value::Number;
        serialize_char(char) => |c: char| Value::String(c.to_string().into_bytes().into());
        serialize_str(&str) => |s: &str| s.into();
        serialize_bytes(&[u8]) => |b: &[u8]| Value::String(b.into());
    }

    fn serialize_u64(self, n: u64) -> Result<Value, NoValue> {
        Ok(match i64::try_from(n) {
            Ok(n) => Value::Integer(n),
            // The number of an object is no number that Lua sees: its bits are what counts.
            Err(_) if self.is_object => Value::Integer(n as i64),
            Err(_) => Value::Number(n as f64),
        })
    }

    fn serialize_none(self) -> Result<Value, NoValue> {
        Ok(Value::Nil)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, NoValue> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, NoValue> {
        Ok(Value::Nil)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, NoValue> {
        Ok(Value::Nil)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
    ) -> Result<Value, NoValue> {
        Ok(name.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, NoValue> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<Value, NoValue> {
        let value = value.serialize(self.deeper()?)?;
        Ok(Value::Table(vec![(name.into(), value)]))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Entries, NoValue> {
        self.entries(length)
    }

    fn serialize_tuple(self, length: usize) -> Result<Entries, NoValue> {
        self.entries(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Entries, NoValue> {
        self.entries(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        length: usize,
    ) -> Result<Entries, NoValue> {
        self.variant(name, length)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Entries, NoValue> {
        self.entries(length)
    }

    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Entries, NoValue> {
        let mut entries = self.entries(Some(length))?;
        entries.inner.is_object = name == OBJECT;
        Ok(entries)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        length: usize,
    ) -> Result<Entries, NoValue> {
        self.variant(name, length)
    }
}

macro_rules! sequences {
    ($($trait:ident :: $method:ident),*) => {
        $(impl ser::$trait for Entries {
            type Ok = Value;
            type Error = NoValue;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoValue> {
                self.push(value)
            }

            fn end(self) -> Result<Value, NoValue> {
                Ok(self.finish())
            }
        })*
    };
}

sequences!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! structs {
    ($($trait:ident),*) => {
        $(impl ser::$trait for Entries {
            type Ok = Value;
            type Error = NoValue;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), NoValue> {
                self.field(key.into(), value)
            }

            fn end(self) -> Result<Value, NoValue> {
                Ok(self.finish())
            }
        })*
    };
}

structs!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Entries {
    type Ok = Value;
    type Error = NoValue;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NoValue> {
        self.key = Some(key.serialize(self.inner)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoValue> {
        match self.key.take() {
            Some(Value::Nil) | None => Err(NoValue::Unfit("nil can't be a key of a table".into())),
            Some(key) => self.field(key, value),
        }
    }

    fn end(self) -> Result<Value, NoValue> {
        Ok(self.finish())
    }
}
