//! A [`Value`] as serde sees it, for host functions and formats that have tables but no sharing.

use serde::ser::{Error, Serialize, SerializeMap, Serializer};

use super::Value;

/// Tables with the keys 1 to n are sequences, others maps. What only a VM can hold (functions, userdata,
/// a table met twice) is an error.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let unfit = |what: &str| Err(S::Error::custom(format!("{what} can't be written")));
        match self {
            Value::Nil => serializer.serialize_unit(),
            Value::Boolean(is) => serializer.serialize_bool(*is),
            Value::Integer(n) => serializer.serialize_i64(*n),
            Value::Number(n) => serializer.serialize_f64(*n),
            Value::String(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => serializer.serialize_str(text),
                Err(_) => serializer.serialize_bytes(bytes),
            },
            Value::Buffer(bytes) => serializer.serialize_bytes(bytes),
            Value::Vector(v) => v.serialize(serializer),
            Value::Table(entries) => match self.as_array() {
                Some(items) if !items.is_empty() => serializer.collect_seq(items),
                _ => {
                    let mut map = serializer.serialize_map(Some(entries.len()))?;
                    for (key, value) in entries {
                        map.serialize_entry(key, value)?;
                    }
                    map.end()
                }
            },
            Value::Ref(_) => unfit("a table that is in the value twice"),
            Value::Function(_) => unfit("a function"),
            Value::Object(object) => object.serialize(serializer),
            Value::Opaque(name) => unfit(&format!("a {name}")),
        }
    }
}
