//! [`Section`]: a table whose legal keys are those that somebody asks for.

use std::ops::RangeInclusive;

use toml::de::{DeTable, DeValue};

use super::TomlText;
use super::item::{Item, shown};
use crate::near::near;
use crate::problem::Code;

/// A table of the file; an absent table is an empty section.
pub(crate) struct Section<'r> {
    text: &'r TomlText<'r>,
    /// The dotted path, cut for messages; empty for the whole file.
    name: String,
    table: Option<&'r DeTable<'r>>,
    offset: usize,
    asked: Vec<&'static str>,
}

impl<'r> Section<'r> {
    pub(super) fn new(
        text: &'r TomlText<'r>,
        name: String,
        table: Option<&'r DeTable<'r>>,
        offset: usize,
    ) -> Section<'r> {
        Section {
            text,
            name,
            table,
            offset,
            asked: Vec::new(),
        }
    }

    /// The value of `key`, which is legal here from now on.
    pub(crate) fn item(&mut self, key: &'static str) -> Option<Item<'r>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let (found, value) = self.table?.get_key_value(key)?;
        let name = self.path(key);
        Some(Item::new(
            self.text,
            name,
            found.span().start,
            value.span(),
            value.get_ref(),
        ))
    }

    /// As [`Section::item`], for a key that must be there.
    pub(crate) fn required(&mut self, key: &'static str, example: &str) -> Option<Item<'r>> {
        let item = self.item(key);
        if item.is_none() {
            let because = format!("lacks the key `{}`", self.path(key));
            let hint = format!("add {key} = {example}");
            self.text
                .report(self.offset, Code::MISSING_KEY, because, hint);
        }
        item
    }

    /// The table at `key`; empty if there is none.
    pub(crate) fn section(&mut self, key: &'static str) -> Section<'r> {
        let name = self.path(key);
        self.item(key)
            .and_then(|item| item.section())
            .unwrap_or_else(|| Section::new(self.text, name, None, self.offset))
    }

    /// Sets `into` if `key` is there and `true` or `false`.
    pub(crate) fn boolean(&mut self, key: &'static str, into: &mut bool) {
        set(into, self.item(key).and_then(|item| item.boolean()));
    }

    /// Sets `into` if `key` is there and a whole number in `range`.
    pub(crate) fn whole<T: TryFrom<i64>>(
        &mut self,
        key: &'static str,
        range: RangeInclusive<i64>,
        into: &mut T,
    ) {
        let number = self.item(key).and_then(|item| item.whole(range));
        set(into, number.and_then(|number| T::try_from(number).ok()));
    }

    /// Sets `into` if `key` is there and a number in `range`.
    pub(crate) fn number(&mut self, key: &'static str, range: RangeInclusive<f64>, into: &mut f64) {
        set(into, self.item(key).and_then(|item| item.number(range)));
    }

    /// Sets `into` if `key` is there and one of `names`.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        key: &'static str,
        names: &[(&'static str, T)],
        into: &mut T,
    ) {
        set(into, self.item(key).and_then(|item| item.one_of(names)));
    }

    /// Every key with its value, in the order of the file: for tables whose keys are names.
    pub(crate) fn entries(&self) -> Vec<(&'r str, Item<'r>)> {
        let mut entries: Vec<(&'r str, Item<'r>)> = self
            .table
            .into_iter()
            .flat_map(DeTable::iter)
            .map(|(key, value)| {
                let offset = key.span().start;
                let (name, span) = (self.path(key.get_ref()), value.span());
                let item = Item::new(self.text, name, offset, span, value.get_ref());
                (key.get_ref().as_ref(), item)
            })
            .collect();
        entries.sort_by_key(|(_, item)| item.key_offset());
        entries
    }

    /// Reports every key that nobody asked for.
    pub(crate) fn finish(self) {
        for (key, item) in self.entries() {
            if self.asked.contains(&key) {
                continue;
            }
            let because = format!("has the unknown key `{}`", self.path(key));
            let legal = match self.asked.as_slice() {
                [] => "this section has no keys".to_owned(),
                asked => format!("the keys here are {}", asked.join(", ")),
            };
            let hint = match near(key, self.asked.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`? {legal}"),
                None => legal,
            };
            self.text
                .report(item.key_offset(), Code::UNKNOWN_KEY, because, hint);
        }
    }

    /// The dotted path of a key. It is cut, or a long key would be copied for each of its many items.
    fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            shown(key)
        } else {
            shown(&format!("{}.{}", self.name, shown(key)))
        }
    }
}

/// What [`Item::section`] needs: the table of a value.
pub(super) fn table<'r>(value: &'r DeValue<'r>) -> Option<&'r DeTable<'r>> {
    match value {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

fn set<T>(into: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *into = value;
    }
}
