//! JSON as a state image. The JSON may come from anybody: nothing in it is believed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value as Json};

use super::nodes::{Leaf, Node, TableNode, bad, write};
use super::{HAS_INTEGERS, HOLES, STATE};
use crate::state::Image;

/// The deepest JSON that is read. It is what the text format stops at, too.
const DEPTH_MAX: usize = 128;

/// Why JSON is no state; completes "the state can't be read because it …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadState(pub(super) String);

/// Reads what [`state_to_json`](super::state_to_json) wrote, or what a person made of it. The image has
/// this state version.
///
/// # Errors
/// A form that is not one of ours, a key twice, what is too deep.
pub fn state_from_json(json: &Json, state_version: u32) -> Result<Image, BadState> {
    let mut reader = Reader::default();
    let root = match only_field(json) {
        Some(("$parts", Json::Array(parts))) if !parts.is_empty() => {
            reader.parts = parts[1..].iter().map(|_| reader.node()).collect();
            let slots = reader.slots(&parts[0])?;
            for (n, part) in (0..).zip(&parts[1..]) {
                reader.fill(reader.parts[n], part, 2)?;
            }
            slots
        }
        _ => reader.slots(json)?,
    };
    Ok(write(&reader.nodes, &root, state_version))
}

/// The field of an object that has one field.
fn only_field(json: &Json) -> Option<(&str, &Json)> {
    let fields = json.as_object().filter(|fields| fields.len() == 1)?;
    fields.iter().next().map(|(name, field)| (&**name, field))
}

#[derive(Default)]
struct Reader<'j> {
    nodes: Vec<Node<'j>>,
    /// The nodes of the tables and of the buffers, in printing order.
    tables: Vec<usize>,
    buffers: Vec<usize>,
    /// The nodes of the parts behind the first.
    parts: Vec<usize>,
}

impl<'j> Reader<'j> {
    /// A table that is filled later.
    fn node(&mut self) -> usize {
        self.nodes.push(Node::Table(TableNode::default()));
        self.nodes.len() - 1
    }

    /// The values of the slots.
    fn slots(&mut self, json: &'j Json) -> Result<Vec<(&'j str, Leaf<'j>)>, BadState> {
        match only_field(json) {
            Some(("$slots", Json::Object(slots))) => slots
                .iter()
                .map(|(name, value)| Ok((&**name, self.value(value, 2)?)))
                .collect(),
            _ => Ok(vec![(STATE, self.value(json, 0)?)]),
        }
    }

    fn value(&mut self, json: &'j Json, depth: usize) -> Result<Leaf<'j>, BadState> {
        Ok(match json {
            Json::Null => Leaf::Nil,
            Json::Bool(is) => Leaf::Bool(*is),
            Json::Number(n) => match n.as_i64().filter(|_| HAS_INTEGERS) {
                Some(n) => Leaf::Int(n),
                None => Leaf::of_float(n.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Leaf::of_text(text),
            Json::Array(_) => self.table(json, depth)?,
            Json::Object(_) => match only_field(json) {
                Some((form, content)) if form.starts_with('$') => {
                    self.form(form, content, json, depth)?
                }
                _ => self.table(json, depth)?,
            },
        })
    }

    fn table(&mut self, json: &'j Json, depth: usize) -> Result<Leaf<'j>, BadState> {
        let node = self.node();
        self.fill(node, json, depth)?;
        Ok(Leaf::Node(node))
    }

    fn form(
        &mut self,
        form: &str,
        content: &'j Json,
        json: &'j Json,
        depth: usize,
    ) -> Result<Leaf<'j>, BadState> {
        Ok(match (form, content) {
            ("$bytes", Json::String(text)) => Leaf::Text(bytes(text)?.into()),
            ("$integer", Json::Number(n)) => match n.as_i64() {
                Some(n) => Leaf::Int(n),
                None => return bad("has an `$integer` that is none"),
            },
            ("$number", Json::String(_)) => Leaf::of_float(number(json)?),
            ("$vector", Json::Array(parts)) => {
                let parts = parts.iter().map(|part| Ok(number(part)? as f32));
                let parts: Vec<f32> = parts.collect::<Result<_, BadState>>()?;
                match <[f32; 3]>::try_from(parts) {
                    Ok(parts) => Leaf::Vector(parts.map(f32::to_bits)),
                    Err(_) => return bad("has a `$vector` that has not three numbers"),
                }
            }
            ("$buffer", Json::String(text)) => {
                self.nodes.push(Node::Buffer(bytes(text)?));
                let node = self.nodes.len() - 1;
                self.buffers.push(node);
                Leaf::Node(node)
            }
            ("$buffer", content) => match only_field(content) {
                Some(("$ref", n)) => Leaf::Node(earlier(&self.buffers, n, "buffer")?),
                _ => return bad("has a `$buffer` that is neither base64 nor a `$ref`"),
            },
            ("$ref", n) => Leaf::Node(earlier(&self.tables, n, "table")?),
            ("$part", n) => {
                let n = n.as_u64().and_then(|n| usize::try_from(n).ok());
                match n.and_then(|n| self.parts.get(n.checked_sub(1)?)) {
                    Some(node) => Leaf::Node(*node),
                    None => return bad("has a `$part` that is not the number of a part"),
                }
            }
            ("$named", Json::String(name)) => Leaf::Named(name),
            ("$null", Json::Bool(true)) => Leaf::Null,
            ("$opaque", Json::String(what)) => {
                match HOLES.iter().position(|(_, name)| name == what) {
                    Some(hole) => Leaf::Opaque(hole as u8),
                    None => return bad("has an `$opaque` of an unknown kind"),
                }
            }
            ("$table" | "$object", _) | ("$function", Json::Object(_)) => {
                self.table(json, depth)?
            }
            ("$more", _) => return bad("was cut: export it whole"),
            ("$function" | "$userdata", _) => {
                return bad(format!("has a `{form}`, which can't be kept"));
            }
            _ => return bad(format!("has the form `{}`, which is none", shortened(form))),
        })
    }

    /// Reads a table into the node that is there for it.
    fn fill(&mut self, node: usize, json: &'j Json, depth: usize) -> Result<(), BadState> {
        if depth > DEPTH_MAX {
            return bad(format!("is nested deeper than {DEPTH_MAX} levels"));
        }
        self.tables.push(node);
        let mut read = TableNode::default();
        let (json, depth) = match only_field(json) {
            Some(("$object", Json::Object(about))) => {
                (self.about(about, &mut read, depth)?, depth + 2)
            }
            Some(("$function", Json::Object(about))) => {
                read.function = Some(place_of(about)?);
                (about.get("variables").unwrap_or(&Json::Null), depth + 2)
            }
            _ => (json, depth),
        };
        let pairs = match (json, only_field(json)) {
            (Json::Array(items), _) => {
                let items = (1u32..).zip(items);
                let item = |(n, item)| Ok((Leaf::of_place(n), self.value(item, depth + 1)?));
                items.map(item).collect::<Result<Vec<_>, BadState>>()?
            }
            (_, Some(("$table", Json::Array(pairs)))) => {
                let pairs = pairs.iter().map(|pair| self.pair(pair, depth + 3));
                pairs.collect::<Result<Vec<_>, BadState>>()?
            }
            (_, Some((form, _))) if form.starts_with('$') => {
                return bad(format!(
                    "has a `{}` where a table should be",
                    shortened(form)
                ));
            }
            (Json::Object(fields), _) => {
                let fields = fields
                    .iter()
                    .map(|(name, field)| Ok((Leaf::of_text(name), self.value(field, depth + 1)?)));
                fields.collect::<Result<Vec<_>, BadState>>()?
            }
            _ => return bad("has something else where a table should be"),
        };
        read.take_pairs(pairs)?;
        if read.function.is_some() && !read.array.is_empty() {
            return bad("has a `$function` with variables that have no names");
        }
        self.nodes[node] = Node::Table(read);
        Ok(())
    }

    /// What an `$object` says about its table, which is returned.
    fn about(
        &mut self,
        about: &'j Map<String, Json>,
        read: &mut TableNode<'j>,
        depth: usize,
    ) -> Result<&'j Json, BadState> {
        let mut table = None;
        for (name, field) in about {
            match (&**name, field) {
                ("metatable", field) => match self.value(field, depth + 2)? {
                    meta @ (Leaf::Named(_) | Leaf::Node(_)) => read.metatable = Some(meta),
                    _ => return bad("has a metatable that is neither a table nor a `$named`"),
                },
                ("frozen", Json::Bool(is_frozen)) => read.is_frozen = *is_frozen,
                ("table", field) => table = Some(field),
                _ => {
                    return bad(
                        "has an `$object` with something else than `metatable`, `frozen`, `table`",
                    );
                }
            }
        }
        table.map_or_else(|| bad("has an `$object` without its `table`"), Ok)
    }

    fn pair(&mut self, pair: &'j Json, depth: usize) -> Result<(Leaf<'j>, Leaf<'j>), BadState> {
        match pair.as_array().map(Vec::as_slice) {
            Some([key, value]) => Ok((self.value(key, depth)?, self.value(value, depth)?)),
            _ => bad("has a `$table` that is not a list of pairs [key, value]"),
        }
    }
}

/// The place of a function in the source.
fn place_of(about: &Map<String, Json>) -> Result<&str, BadState> {
    let place = about.get("place").and_then(Json::as_str);
    place.map_or_else(|| bad("has a `$function` without its `place`"), Ok)
}

/// A number of a vector, or a `$number` form.
fn number(json: &Json) -> Result<f64, BadState> {
    if let Some(n) = json.as_f64() {
        return Ok(n);
    }
    match only_field(json).and_then(|(form, word)| (form == "$number").then(|| word.as_str())?) {
        Some("nan") => Ok(f64::NAN),
        Some("inf") => Ok(f64::INFINITY),
        Some("-inf") => Ok(f64::NEG_INFINITY),
        Some("-0") => Ok(-0.0),
        _ => bad("has a `$number` other than \"nan\", \"inf\", \"-inf\", \"-0\""),
    }
}

/// The node of a table or buffer that stands before.
fn earlier(nodes: &[usize], n: &Json, what: &str) -> Result<usize, BadState> {
    let n = n.as_u64().and_then(|n| usize::try_from(n).ok());
    let node = n.and_then(|n| nodes.get(n).copied());
    node.map_or_else(
        || {
            bad(format!(
                "has a `$ref` that is not the number of a {what} before it"
            ))
        },
        Ok,
    )
}

fn bytes(text: &str) -> Result<Vec<u8>, BadState> {
    BASE64
        .decode(text)
        .map_err(|why| BadState(format!("has something that is not base64: {why}")))
}

/// What somebody wrote, short enough for a message.
fn shortened(text: &str) -> String {
    text.chars().take(32).collect()
}
