//! [`Item`]: one value of the file, and what to say when it is not what it should be.

use std::ops::{Range, RangeInclusive};

use toml::de::{DeFloat, DeInteger, DeValue};

use super::section::table;
use super::{Section, TomlText};
use crate::near::{near, one_of};
use crate::problem::{Code, Place};
use crate::value::Value;

/// The longest excerpt of a file in a message, in characters.
const SHOWN_CHARS_MAX: usize = 80;

/// One value of the file.
#[derive(Clone)]
pub(crate) struct Item<'r> {
    text: &'r TomlText<'r>,
    /// The dotted path, cut for messages.
    name: String,
    key_offset: usize,
    span: Range<usize>,
    value: &'r DeValue<'r>,
}

impl<'r> Item<'r> {
    pub(super) fn new(
        text: &'r TomlText<'r>,
        name: String,
        key_offset: usize,
        span: Range<usize>,
        value: &'r DeValue<'r>,
    ) -> Item<'r> {
        Item {
            text,
            name,
            key_offset,
            span,
            value,
        }
    }

    /// The dotted path, cut for messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where the key stands, as a byte offset.
    pub(crate) fn key_offset(&self) -> usize {
        self.key_offset
    }

    /// Where the key stands.
    pub(crate) fn key_place(&self) -> Place {
        self.text.place(self.key_offset)
    }

    /// Where the value stands.
    pub(crate) fn place(&self) -> Place {
        self.text.place(self.span.start)
    }

    /// Whether this is a table.
    pub(crate) fn is_section(&self) -> bool {
        table(self.value).is_some()
    }

    /// Whether this is a list.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.value, DeValue::Array(_))
    }

    /// The text, if this is one.
    pub(crate) fn as_str(&self) -> Option<&'r str> {
        match self.value {
            DeValue::String(text) => Some(text.as_ref()),
            _ => None,
        }
    }

    /// The table that this is; anything else is reported.
    pub(crate) fn section(&self) -> Option<Section<'r>> {
        match table(self.value) {
            Some(table) => {
                let name = self.name.clone();
                Some(Section::new(self.text, name, Some(table), self.span.start))
            }
            None => self.wrong_type("a table", ""),
        }
    }

    /// The text that this is; anything else is reported.
    pub(crate) fn string(&self) -> Option<&'r str> {
        match self.value {
            DeValue::String(text) => Some(text.as_ref()),
            DeValue::Array(_) | DeValue::Table(_) => self.wrong_type("a string", ""),
            scalar => {
                let hint = format!("put it in quotes: \"{}\"", source(scalar));
                self.wrong_type("a string", &hint)
            }
        }
    }

    /// The `true` or `false` that this is; anything else is reported.
    pub(crate) fn boolean(&self) -> Option<bool> {
        match self.value {
            DeValue::Boolean(is) => Some(*is),
            _ => self.wrong_type("true or false", "write it without quotes"),
        }
    }

    /// The whole number in `range` that this is; anything else is reported.
    pub(crate) fn whole(&self, range: RangeInclusive<i64>) -> Option<i64> {
        let number = match self.value {
            DeValue::Integer(integer) => whole(integer),
            DeValue::Float(float) => number(float).and_then(exact),
            _ => return self.wrong_type("a whole number", "write it without quotes"),
        };
        let in_range = number.filter(|number| range.contains(number));
        if in_range.is_none() {
            let hint = format!(
                "use a whole number from {} to {}",
                range.start(),
                range.end()
            );
            self.out_of_range(&hint);
        }
        in_range
    }

    /// The number in `range` that this is; anything else is reported.
    pub(crate) fn number(&self, range: RangeInclusive<f64>) -> Option<f64> {
        let number = match self.value {
            DeValue::Integer(integer) => whole(integer).map(|integer| integer as f64),
            DeValue::Float(float) => number(float),
            _ => return self.wrong_type("a number", "write it without quotes"),
        };
        let in_range = number.filter(|number| range.contains(number));
        if in_range.is_none() {
            let is_bounded = *range.end() < f64::MAX || *range.start() > f64::MIN;
            let hint = if is_bounded {
                format!("use a number from {} to {}", range.start(), range.end())
            } else {
                "use a finite number".to_owned()
            };
            self.out_of_range(&hint);
        }
        in_range
    }

    /// Which of `names` this is; anything else is reported.
    pub(crate) fn one_of<T: Copy>(&self, names: &[(&'static str, T)]) -> Option<T> {
        let known = || names.iter().map(|(name, _)| *name);
        let list = format!("use {}", one_of(known()));
        let DeValue::String(written) = self.value else {
            return self.wrong_type("a string", &list);
        };
        let found = names.iter().find(|(name, _)| name == written);
        if found.is_none() {
            let because = format!(
                "sets `{}` to {}, which is not one of its values",
                self.name(),
                self.source()
            );
            let hint = match near(written, known()) {
                Some(meant) => format!("did you mean `{meant}`? {list}"),
                None => list,
            };
            self.bad(because, hint);
        }
        found.map(|(_, value)| *value)
    }

    /// The items of the list that this is; anything else is reported.
    pub(crate) fn list(&self) -> Vec<Item<'r>> {
        let DeValue::Array(items) = self.value else {
            let hint = match self.value {
                DeValue::String(_) => format!("put it in brackets: [{}]", self.source()),
                _ => String::new(),
            };
            self.wrong_type::<()>("a list", &hint);
            return Vec::new();
        };
        items
            .iter()
            .map(|item| {
                let (name, span) = (self.name.clone(), item.span());
                Item::new(self.text, name, span.start, span, item.get_ref())
            })
            .collect()
    }

    /// The value as Lua will see it, if Lua can: scalars and lists of them. Anything else is reported.
    pub(crate) fn value(&self) -> Option<Value> {
        if !matches!(self.value, DeValue::Array(_)) {
            return self.scalar();
        }
        let items: Vec<Value> = self
            .list()
            .iter()
            .map(Item::scalar)
            .collect::<Option<_>>()?;
        Some(Value::list(items))
    }

    /// Reports a value that is not allowed.
    pub(crate) fn bad(&self, because: impl AsRef<str>, hint: impl AsRef<str>) {
        self.report(Code::BAD_VALUE, because, hint);
    }

    /// Reports something about the value.
    pub(crate) fn report(&self, code: Code, because: impl AsRef<str>, hint: impl AsRef<str>) {
        self.text.report(self.span.start, code, because, hint);
    }

    /// Reports something about the key.
    pub(crate) fn report_key(&self, code: Code, because: impl AsRef<str>, hint: impl AsRef<str>) {
        self.text.report(self.key_offset, code, because, hint);
    }

    /// The value as it is written, cut for messages.
    pub(crate) fn source(&self) -> String {
        source(self.value)
    }

    /// Reports that something else than `wanted` stands here.
    pub(crate) fn wrong_type<T>(&self, wanted: &str, hint: &str) -> Option<T> {
        let because = format!(
            "sets `{}` to {}, but it takes {wanted}",
            self.name(),
            kind(self.value)
        );
        self.report(Code::WRONG_TYPE, because, hint);
        None
    }

    fn out_of_range(&self, hint: &str) {
        let because = format!(
            "sets `{}` to {}, which is out of its range",
            self.name(),
            self.source()
        );
        self.bad(because, hint);
    }

    fn scalar(&self) -> Option<Value> {
        let value = match self.value {
            DeValue::Boolean(is) => Some(Value::Boolean(*is)),
            DeValue::Integer(integer) => whole(integer).map(Value::Integer),
            DeValue::Float(float) => number(float).map(Value::Number),
            DeValue::String(text) => Some(Value::from(text.as_ref())),
            _ => return self.wrong_type("a number, a string, true, false or a list of them", ""),
        };
        if value.is_none() {
            self.out_of_range("use a finite number of ordinary size");
        }
        value
    }
}

/// `text` cut to a length that fits a message.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn source(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("\"{}\"", shown(text)),
        DeValue::Integer(integer) => shown(&integer.to_string()),
        DeValue::Float(float) => shown(float.as_str()),
        DeValue::Boolean(is) => is.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(_) | DeValue::Table(_) => kind(value).to_owned(),
    }
}

fn whole(integer: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A finite number; TOML also knows `nan` and `inf`, which no key takes.
fn number(float: &DeFloat<'_>) -> Option<f64> {
    let number: f64 = float.as_str().parse().ok()?;
    number.is_finite().then_some(number)
}

/// The whole number that `number` is, if it is one and an `i64` holds it.
fn exact(number: f64) -> Option<i64> {
    let is_exact = number.fract() == 0.0 && number.abs() < 9.0e18;
    is_exact.then_some(number as i64)
}
