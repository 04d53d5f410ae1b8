//! Lua values as JSON and back: JSON where JSON can say it, otherwise objects with one key, `$…`.

use std::cmp::Ordering;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value as Json, json};

use crate::value::{NoValue, VALUE_DEPTH_MAX, VALUE_ENTRIES_MAX};
use crate::{Object, Value};

/// Beyond this, floats skip whole numbers, and so does what reads JSON numbers as floats.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// Printing follows a reference to a table that stands further on, which can make the nesting deeper.
const PRINT_DEPTH_MAX: usize = 2 * VALUE_DEPTH_MAX;

/// `value` as JSON. Keys of objects are sorted, so that equal values print equally.
pub fn to_json(value: &Value) -> Json {
    Printer::of(value).value(value, 0)
}

struct Printer<'a> {
    /// The tables, in the order in which the value has them: what [`Value::Ref`] counts.
    tables: Vec<&'a [(Value, Value)]>,
    numbers: HashMap<*const Value, usize>,
    /// For each table, its number in printing order.
    printed: Vec<Option<usize>>,
    printed_count: usize,
}

impl<'a> Printer<'a> {
    fn of(value: &'a Value) -> Printer<'a> {
        let (mut tables, mut numbers) = (Vec::new(), HashMap::new());
        let mut pending = vec![value];
        while let Some(value) = pending.pop() {
            let Value::Table(entries) = value else {
                continue;
            };
            numbers.insert(std::ptr::from_ref(value), tables.len());
            tables.push(entries.as_slice());
            pending.extend(entries.iter().rev().flat_map(|(key, value)| [value, key]));
        }
        Printer {
            printed: vec![None; tables.len()],
            printed_count: 0,
            tables,
            numbers,
        }
    }

    fn value(&mut self, value: &'a Value, depth: usize) -> Json {
        match value {
            Value::Nil => Json::Null,
            Value::Boolean(is) => json!(is),
            Value::Integer(n) => json!(n),
            Value::Number(n) => number(*n),
            Value::String(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => json!(text),
                Err(_) => json!({ "$bytes": BASE64.encode(bytes) }),
            },
            Value::Buffer(bytes) => json!({ "$buffer": BASE64.encode(bytes) }),
            Value::Vector(v) => {
                let parts: Vec<Json> = v.iter().map(|n| number(f64::from(*n))).collect();
                json!({ "$vector": parts })
            }
            Value::Table(_) => match self.numbers.get(&std::ptr::from_ref(value)) {
                Some(table) => self.table(*table, depth),
                None => Json::Null,
            },
            Value::Ref(table) => self.table(*table as usize, depth),
            Value::Function(name) => json!({ "$function": name }),
            Value::Object(object) => json!({ "$userdata": object.kind, "id": object.id }),
            Value::Opaque(name) => json!({ "$userdata": name }),
        }
    }

    fn table(&mut self, table: usize, depth: usize) -> Json {
        let Some(entries) = self.tables.get(table).copied() else {
            return Json::Null;
        };
        if let Some(number) = self.printed[table] {
            return json!({ "$ref": number });
        }
        if depth >= PRINT_DEPTH_MAX {
            return json!({ "$userdata": "table" });
        }
        self.printed[table] = Some(self.printed_count);
        self.printed_count += 1;
        let mut sorted: Vec<&(Value, Value)> = entries.iter().collect();
        sorted.sort_by(|(one, _), (other, _)| by_key(one, other));
        if is_array(&sorted) {
            let items = sorted
                .into_iter()
                .map(|(_, item)| self.value(item, depth + 1));
            return Json::Array(items.collect());
        }
        if sorted.iter().all(|(key, _)| is_plain_key(key)) {
            let fields = sorted.into_iter().filter_map(|(key, field)| {
                Some((key.as_str()?.to_owned(), self.value(field, depth + 1)))
            });
            return Json::Object(fields.collect::<Map<_, _>>());
        }
        let mut pairs = Vec::with_capacity(sorted.len());
        for (key, value) in sorted {
            let key = self.value(key, depth + 1);
            pairs.push(json!([key, self.value(value, depth + 1)]));
        }
        json!({ "$table": pairs })
    }
}

/// Numbers, then strings, then the others as they come.
fn by_key(one: &Value, other: &Value) -> Ordering {
    let class = |key: &Value| match key {
        Value::Integer(_) | Value::Number(_) => 0,
        Value::String(_) => 1,
        _ => 2,
    };
    class(one)
        .cmp(&class(other))
        .then_with(|| match (one, other) {
            (Value::String(one), Value::String(other)) => one.cmp(other),
            _ => match (one.as_f64(), other.as_f64()) {
                (Some(one), Some(other)) => one.total_cmp(&other),
                _ => Ordering::Equal,
            },
        })
}

fn is_array(sorted: &[&(Value, Value)]) -> bool {
    let is_at =
        |(index, entry): (usize, &&(Value, Value))| entry.0.as_f64() == Some((index + 1) as f64);
    !sorted.is_empty() && sorted.iter().enumerate().all(is_at)
}

fn is_plain_key(key: &Value) -> bool {
    key.as_str().is_some_and(|key| !key.starts_with('$'))
}

pub(super) fn number(n: f64) -> Json {
    let word = match n {
        _ if n.is_nan() => "nan",
        f64::INFINITY => "inf",
        f64::NEG_INFINITY => "-inf",
        _ if n == 0.0 && n.is_sign_negative() => "-0",
        _ if n.fract() == 0.0 && n.abs() < WHOLE_MAX => return json!(n as i64),
        _ => return json!(n),
    };
    json!({ "$number": word })
}

/// JSON as a value: the opposite of [`to_json`]. A field that is null is a field that is not there.
///
/// # Errors
/// A `$…` form that is not one of ours or can't be sent, and what is too large or nested too deep.
pub fn from_json(json: &Json) -> Result<Value, NoValue> {
    let mut reader = Reader {
        tables: 0,
        entries: 0,
    };
    reader.value(json, 0)
}

struct Reader {
    tables: u32,
    entries: usize,
}

fn unfit<T>(why: impl Into<String>) -> Result<T, NoValue> {
    Err(NoValue::Unfit(why.into()))
}

impl Reader {
    fn value(&mut self, json: &Json, depth: usize) -> Result<Value, NoValue> {
        if depth > VALUE_DEPTH_MAX {
            return Err(NoValue::TooDeep);
        }
        match json {
            Json::Null => Ok(Value::Nil),
            Json::Bool(is) => Ok(Value::Boolean(*is)),
            Json::Number(n) => Ok(match n.as_i64() {
                Some(n) => Value::Integer(n),
                None => Value::Number(n.as_f64().unwrap_or(f64::NAN)),
            }),
            Json::String(text) => Ok(text.as_str().into()),
            Json::Array(items) => {
                let keys = (1..=items.len()).map(|n| Value::Integer(n as i64));
                self.table(keys.zip(items), depth)
            }
            Json::Object(fields) => match fields.iter().next() {
                Some((form, content)) if fields.len() == 1 && form.starts_with('$') => {
                    self.form(form, content, depth)
                }
                _ if fields.len() == 2 && fields.contains_key("$userdata") => object(fields),
                _ => {
                    let fields = fields.iter();
                    self.table(
                        fields.map(|(key, field)| (key.as_str().into(), field)),
                        depth,
                    )
                }
            },
        }
    }

    fn table<'a>(
        &mut self,
        entries: impl Iterator<Item = (Value, &'a Json)>,
        depth: usize,
    ) -> Result<Value, NoValue> {
        self.tables += 1;
        let mut table = Vec::new();
        for (key, value) in entries {
            let value = self.value(value, depth + 1)?;
            self.put(&mut table, key, value)?;
        }
        Ok(Value::Table(table))
    }

    fn put(
        &mut self,
        table: &mut Vec<(Value, Value)>,
        key: Value,
        value: Value,
    ) -> Result<(), NoValue> {
        self.entries += 1;
        if self.entries > VALUE_ENTRIES_MAX {
            return Err(NoValue::TooLarge);
        }
        if !value.is_nil() {
            table.push((key, value));
        }
        Ok(())
    }

    fn form(&mut self, form: &str, content: &Json, depth: usize) -> Result<Value, NoValue> {
        match (form, content) {
            ("$bytes", Json::String(text)) => Ok(Value::String(bytes(text)?)),
            ("$buffer", Json::String(text)) => Ok(Value::Buffer(bytes(text)?)),
            ("$number", Json::String(word)) => match word.as_str() {
                "nan" => Ok(f64::NAN.into()),
                "inf" => Ok(f64::INFINITY.into()),
                "-inf" => Ok(f64::NEG_INFINITY.into()),
                "-0" => Ok((-0.0).into()),
                _ => unfit("`$number` is one of \"nan\", \"inf\", \"-inf\", \"-0\""),
            },
            ("$vector", Json::Array(parts)) => {
                let parts: Option<Vec<f32>> =
                    parts.iter().map(|n| Some(n.as_f64()? as f32)).collect();
                match parts.and_then(|parts| <[f32; 3]>::try_from(parts).ok()) {
                    Some(vector) => Ok(Value::Vector(vector)),
                    None => unfit("`$vector` has three numbers"),
                }
            }
            ("$ref", content) => match content.as_u64().and_then(|n| u32::try_from(n).ok()) {
                Some(table) if table < self.tables => Ok(Value::Ref(table)),
                _ => unfit("`$ref` is the number of a table that stands before it"),
            },
            ("$table", Json::Array(pairs)) => self.pairs(pairs, depth),
            ("$function" | "$userdata", _) => unfit(format!("a `{form}` can't be sent")),
            _ => unfit(format!("`{form}` is not a form that values have here")),
        }
    }

    fn pairs(&mut self, pairs: &[Json], depth: usize) -> Result<Value, NoValue> {
        self.tables += 1;
        let mut table = Vec::new();
        for pair in pairs {
            let Json::Array(pair) = pair else {
                return unfit("`$table` is a list of pairs [key, value]");
            };
            let [key, value] = pair.as_slice() else {
                return unfit("`$table` is a list of pairs [key, value]");
            };
            let key = self.value(key, depth + 1)?;
            if key.is_nil() || key.as_f64().is_some_and(f64::is_nan) {
                return unfit("nil and nan can't be keys of a table");
            }
            let value = self.value(value, depth + 1)?;
            self.put(&mut table, key, value)?;
        }
        Ok(Value::Table(table))
    }
}

/// An object of the game. Whether there is such a kind is for the manager to say.
fn object(fields: &Map<String, Json>) -> Result<Value, NoValue> {
    let (kind, id) = (fields.get("$userdata"), fields.get("id"));
    match (kind.and_then(Json::as_str), id.and_then(Json::as_u64)) {
        (Some(kind), Some(id)) => {
            let kind = kind.into();
            Ok(Object { kind, id }.value())
        }
        _ => unfit("an object of the game has its kind as `$userdata` and a whole number as `id`"),
    }
}

fn bytes(text: &str) -> Result<Box<[u8]>, NoValue> {
    let bytes = BASE64.decode(text);
    bytes
        .map(Into::into)
        .map_err(|why| NoValue::Unfit(format!("that is not base64: {why}")))
}
