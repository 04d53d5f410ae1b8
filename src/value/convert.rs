//! Rust values as [`Value`]s and back, through serde: events, arguments and results of host functions.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, IntoDeserializer, Visitor};
use serde::ser::{self, Serialize};

use super::{NoValue, VALUE_DEPTH_MAX, Value};

impl Value {
    /// `value` as a [`Value`]: structs and maps become tables with string keys, sequences arrays from 1,
    /// `None` and `()` nil. Scalars need no allocation.
    ///
    /// # Errors
    /// Values that are nested too deep, or that Lua has no counterpart for.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Value, NoValue> {
        value.serialize(ToValue { depth: 0 })
    }

    /// This value as a Rust type. A table with keys 1 to n reads as a sequence, others as a map or struct.
    ///
    /// # Errors
    /// What serde reports, such as "invalid type: string \"x\", expected f64".
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, NoValue> {
        T::deserialize(self)
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
}

impl ser::Error for NoValue {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        NoValue::Unfit(message.to_string())
    }
}

impl de::Error for NoValue {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        NoValue::Unfit(message.to_string())
    }
}

#[derive(Clone, Copy)]
struct ToValue {
    depth: usize,
}

impl ToValue {
    fn deeper(self) -> Result<ToValue, NoValue> {
        if self.depth >= VALUE_DEPTH_MAX {
            Err(NoValue::TooDeep)
        } else {
            Ok(ToValue {
                depth: self.depth + 1,
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
        serialize_u64(u64) => |n: u64| i64::try_from(n).map_or(Value::Number(n as f64), Value::Integer);
        serialize_f32(f32) => |n| Value::Number(f64::from(n));
        serialize_f64(f64) => Value::Number;
        serialize_char(char) => |c: char| Value::String(c.to_string().into_bytes().into());
        serialize_str(&str) => |s: &str| s.into();
        serialize_bytes(&[u8]) => |b: &[u8]| Value::String(b.into());
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

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Entries, NoValue> {
        self.entries(Some(length))
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

impl<'de> de::Deserializer<'de> for &'de Value {
    type Error = NoValue;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NoValue> {
        match self {
            Value::Nil => visitor.visit_unit(),
            Value::Boolean(b) => visitor.visit_bool(*b),
            Value::Integer(n) => visitor.visit_i64(*n),
            // Flavours without integers say 3.0 where 3 is meant.
            Value::Number(n) if n.fract() == 0.0 && n.abs() < 9.0e15 => {
                visitor.visit_i64(*n as i64)
            }
            Value::Number(n) => visitor.visit_f64(*n),
            Value::String(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => visitor.visit_borrowed_str(text),
                Err(_) => visitor.visit_borrowed_bytes(bytes),
            },
            Value::Buffer(bytes) => visitor.visit_borrowed_bytes(bytes),
            Value::Vector(v) => visitor.visit_seq(SeqDeserializer::new(v.iter().copied())),
            Value::Table(entries) => match self.as_array() {
                Some(items) if !items.is_empty() => {
                    visitor.visit_seq(SeqDeserializer::new(items.into_iter()))
                }
                _ => visitor.visit_map(MapDeserializer::new(entries.iter().map(|(k, v)| (k, v)))),
            },
            Value::Ref(_) => Err(NoValue::Unfit("the same table twice in one value".into())),
            Value::Function(_) => Err(NoValue::Unfit("invalid type: function".into())),
            Value::Opaque(name) => Err(NoValue::Unfit(format!("invalid type: {name}"))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NoValue> {
        if self.is_nil() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NoValue> {
        match self.as_array() {
            Some(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter())),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, NoValue> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NoValue> {
        match (self.as_str(), self) {
            (Some(text), _) => visitor.visit_enum(text.into_deserializer()),
            (None, Value::Table(entries)) => {
                visitor.visit_enum(de::value::MapAccessDeserializer::new(MapDeserializer::new(
                    entries.iter().map(|(k, v)| (k, v)),
                )))
            }
            _ => Err(de::Error::custom(format!(
                "expected one of {variants:?} of {name}"
            ))),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, NoValue> for &'de Value {
    type Deserializer = &'de Value;

    fn into_deserializer(self) -> &'de Value {
        self
    }
}

impl<'de> de::Deserialize<'de> for Value {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        // What comes from serde has no sharing: through JSON's model, which is the widest that formats have.
        let json = serde_json::Value::deserialize(deserializer)?;
        Value::of(&json).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
    struct Job {
        id: u32,
        kind: String,
        worker: Option<String>,
        at: (f64, f64),
    }

    #[test]
    fn a_struct_comes_back_as_it_was() {
        let job = Job {
            id: 3,
            kind: "dig".into(),
            worker: None,
            at: (1.0, 2.5),
        };
        let value = Value::of(&job).unwrap();
        assert_eq!(value.get("kind").and_then(Value::as_str), Some("dig"));
        assert_eq!(value.get("worker"), None);
        assert_eq!(value.to::<Job>().unwrap(), job);
    }

    #[test]
    fn floats_that_are_whole_read_as_integers() {
        assert_eq!(Value::Number(3.0).to::<u8>().unwrap(), 3);
        assert!(Value::Number(3.5).to::<u8>().is_err());
        assert_eq!(Value::Number(3.0).to::<f64>().unwrap(), 3.0);
    }

    #[test]
    fn only_tables_with_the_keys_1_to_n_are_arrays() {
        let table =
            |keys: &[f64]| Value::Table(keys.iter().map(|k| ((*k).into(), true.into())).collect());
        assert_eq!(table(&[2.0, 1.0]).as_array().map(|a| a.len()), Some(2));
        assert!(table(&[1.0, 3.0]).as_array().is_none());
        assert!(table(&[1.0, 1.5]).as_array().is_none());
    }

    #[test]
    fn nesting_beyond_the_limit_is_refused() {
        let mut json = serde_json::json!(1);
        for _ in 0..=VALUE_DEPTH_MAX {
            json = serde_json::json!([json]);
        }
        assert_eq!(Value::of(&json), Err(NoValue::TooDeep));
    }
}
