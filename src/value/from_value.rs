//! [`Value`]s as Rust values, through serde: arguments of host functions.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, IntoDeserializer, Visitor};

use super::object::{ID, KIND, NO_OBJECT, OBJECT};
use super::{NoValue, Value};

impl Value {
    /// This value as a Rust type. A table with keys 1 to n reads as a sequence, others as a map or struct.
    ///
    /// # Errors
    /// What serde reports, such as "invalid type: string \"x\", expected f64".
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, NoValue> {
        T::deserialize(self)
    }
}

impl de::Error for NoValue {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        NoValue::Unfit(message.to_string())
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
            Value::Object(object) => Err(NoValue::Unfit(format!("invalid type: {}", object.kind))),
            Value::Opaque(name) => Err(NoValue::Unfit(format!("invalid type: {name}"))),
        }
    }

    /// Only an object reads as one: a table with the same fields is nothing that the game has given.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NoValue> {
        match self {
            _ if name != OBJECT => self.deserialize_any(visitor),
            Value::Object(object) => {
                let kind = (KIND, ObjectField::Kind(&object.kind));
                let fields = [kind, (ID, ObjectField::Id(object.id))];
                visitor.visit_map(MapDeserializer::new(fields.into_iter()))
            }
            Value::Nil => Err(NoValue::Unfit(format!("{NO_OBJECT}, not nil"))),
            other => {
                let found = other.type_name();
                Err(NoValue::Unfit(format!("{NO_OBJECT}, not a {found}")))
            }
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
        unit_struct tuple tuple_struct map identifier ignored_any
    }
}

/// A field of an object, on its way to the struct.
enum ObjectField<'de> {
    Kind(&'de str),
    Id(u64),
}

impl<'de> de::Deserializer<'de> for ObjectField<'de> {
    type Error = NoValue;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NoValue> {
        match self {
            ObjectField::Kind(kind) => visitor.visit_borrowed_str(kind),
            ObjectField::Id(id) => visitor.visit_u64(id),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, NoValue> for ObjectField<'de> {
    type Deserializer = ObjectField<'de>;

    fn into_deserializer(self) -> ObjectField<'de> {
        self
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
