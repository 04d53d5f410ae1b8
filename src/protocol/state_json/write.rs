//! A state image as JSON.

use std::collections::{HashMap, VecDeque};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value as Json, json};

use super::{HAS_INTEGERS, HOLES, STATE};
use crate::protocol::json::number;
use crate::state::{Image, Object, READONLY, Table, Val};

/// Tables at this depth of the JSON are put into a part of their own: what reads JSON stops at 128, and a
/// table may take five levels.
const DEPTH_MAX: usize = 100;

/// The whole state of an image.
pub fn state_to_json(image: &Image) -> Json {
    let mut printer = Printer::of(image, None);
    let root = match image.slots().eq([STATE]) {
        true => printer.value(image.slot(STATE).unwrap_or(Val::Nil), 0),
        false => {
            let slots: Vec<String> = image.slots().map(str::to_owned).collect();
            let fields = slots.into_iter().map(|name| {
                let value = image.slot(&name).unwrap_or(Val::Nil);
                (name, printer.value(value, 2))
            });
            json!({ "$slots": Json::Object(fields.collect()) })
        }
    };
    printer.finish(root)
}

/// One value of an image. Tables below `tables_deep` others are told as `{"$more": entries}`.
pub(crate) fn part_to_json(image: &Image, value: Val<'_>, tables_deep: Option<usize>) -> Json {
    let mut printer = Printer::of(image, tables_deep);
    let root = printer.value(value, 0);
    printer.finish(root)
}

struct Printer<'a> {
    image: &'a Image,
    /// The tables above the present one, and how many there may be.
    tables_above: usize,
    tables_deep: usize,
    /// The numbers, in printing order, of the tables and of the buffers that were printed.
    tables: HashMap<u32, usize>,
    buffers: HashMap<u32, usize>,
    /// The tables that get a part of their own, and the number of it.
    parts: HashMap<u32, usize>,
    pending: VecDeque<u32>,
}

impl<'a> Printer<'a> {
    fn of(image: &'a Image, tables_deep: Option<usize>) -> Printer<'a> {
        Printer {
            image,
            tables_above: 0,
            tables_deep: tables_deep.unwrap_or(usize::MAX),
            tables: HashMap::new(),
            buffers: HashMap::new(),
            parts: HashMap::new(),
            pending: VecDeque::new(),
        }
    }

    /// The root, with the parts that stand beside it.
    fn finish(mut self, root: Json) -> Json {
        let mut parts = vec![root];
        while let Some(id) = self.pending.pop_front() {
            let part = match self.image.object(id) {
                Object::Table(table) => self.table(&table, 2),
                Object::Buffer(..) => Json::Null,
            };
            parts.push(part);
        }
        match parts.len() {
            1 => parts.swap_remove(0),
            _ => json!({ "$parts": parts }),
        }
    }

    fn value(&mut self, value: Val<'a>, depth: usize) -> Json {
        match value {
            Val::Nil => Json::Null,
            Val::Bool(is) => json!(is),
            Val::Int(n) if HAS_INTEGERS => json!(n),
            Val::Int(n) => json!({ "$integer": n }),
            // With a fraction, so that it is not taken for an integer.
            Val::Num(n) if HAS_INTEGERS && n.is_finite() && (n != 0.0 || n.is_sign_positive()) => {
                json!(n)
            }
            Val::Num(n) => number(n),
            Val::Str(text) => string(text),
            Val::Atom(n) => string(self.image.atom(n)),
            Val::Vector(parts) => {
                let parts: Vec<Json> = parts.iter().map(|n| number(f64::from(*n))).collect();
                json!({ "$vector": parts })
            }
            Val::Null => json!({ "$null": true }),
            Val::Named(n) => json!({ "$named": self.image.name(n) }),
            Val::Opaque(opaque) => {
                let named = HOLES.iter().find(|(hole, _)| *hole == opaque);
                json!({ "$opaque": named.map(|(_, name)| name) })
            }
            Val::Object(id) => self.object(id, depth),
        }
    }

    fn object(&mut self, id: u32, depth: usize) -> Json {
        let table = match self.image.object(id) {
            Object::Buffer(bytes, _) => return self.buffer(id, bytes),
            Object::Table(table) => table,
        };
        if let Some(number) = self.tables.get(&id) {
            return json!({ "$ref": number });
        }
        if self.tables_above >= self.tables_deep {
            return json!({ "$more": table.len() });
        }
        if depth < DEPTH_MAX && !self.parts.contains_key(&id) {
            return self.table(&table, depth);
        }
        let next = self.parts.len() + 1;
        let part = *self.parts.entry(id).or_insert(next);
        if part == next {
            self.pending.push_back(id);
        }
        json!({ "$part": part })
    }

    fn buffer(&mut self, id: u32, bytes: &[u8]) -> Json {
        let next = self.buffers.len();
        let number = *self.buffers.entry(id).or_insert(next);
        match number == next {
            true => json!({ "$buffer": BASE64.encode(bytes) }),
            false => json!({ "$buffer": { "$ref": number } }),
        }
    }

    fn table(&mut self, table: &Table<'a>, depth: usize) -> Json {
        self.tables.insert(table.id, self.tables.len());
        if let Some(place) = table.function() {
            let variables = self.plain_table(table, depth + 2);
            return json!({ "$function": { "place": place, "variables": variables } });
        }
        let is_frozen = table.flags & READONLY != 0;
        if !is_frozen && matches!(table.meta, Val::Nil) {
            return self.plain_table(table, depth);
        }
        let mut about = Map::new();
        if !matches!(table.meta, Val::Nil) {
            about.insert("metatable".into(), self.value(table.meta, depth + 2));
        }
        if is_frozen {
            about.insert("frozen".into(), json!(true));
        }
        about.insert("table".into(), self.plain_table(table, depth + 2));
        json!({ "$object": about })
    }

    /// What a table holds: an array, an object, or pairs.
    fn plain_table(&mut self, table: &Table<'a>, depth: usize) -> Json {
        self.tables_above += 1;
        let entries = table.in_order();
        let items = table.array.clone();
        let json = if entries.is_empty() && items.left() > 0 {
            Json::Array(items.map(|item| self.value(item, depth + 1)).collect())
        } else if items.left() == 0 && entries.iter().all(|(key, _)| self.name(*key).is_some()) {
            let fields = entries.into_iter().filter_map(|(key, field)| {
                Some((self.name(key)?.to_owned(), self.value(field, depth + 1)))
            });
            Json::Object(fields.collect())
        } else {
            let items = (1u32..).zip(items);
            let items = items.map(|(n, item)| json!([n, self.value(item, depth + 3)]));
            let mut pairs: Vec<Json> = items.collect();
            for (key, value) in entries {
                let key = self.value(key, depth + 3);
                pairs.push(json!([key, self.value(value, depth + 3)]));
            }
            json!({ "$table": pairs })
        };
        self.tables_above -= 1;
        json
    }

    /// A key that can be the name of a field in JSON.
    fn name(&self, key: Val<'a>) -> Option<&'a str> {
        let text = match key {
            Val::Str(text) => text,
            Val::Atom(n) => self.image.atom(n),
            _ => return None,
        };
        let name = std::str::from_utf8(text).ok()?;
        (!name.starts_with('$')).then_some(name)
    }
}

fn string(bytes: &[u8]) -> Json {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!(text),
        Err(_) => json!({ "$bytes": BASE64.encode(bytes) }),
    }
}
