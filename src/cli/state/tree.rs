//! One state as a tree: aligned, cut to what can be read, and each table once.

use std::collections::HashMap;
use std::io::{self, Write};

use anstyle::Style;

use crate::state::{Image, Object, READONLY, Table, Val};

/// The most entries that are shown of a table, and the most lines of all.
const ENTRIES_MAX: usize = 50;
const LINES_MAX: usize = 2000;

/// The column of the values is no further to the right than a key of that length.
const KEY_WIDTH_MAX: usize = 24;

const DIM: Style = Style::new().dimmed();

/// Shows what lies at `path` in the state, `depth` tables deep.
pub(super) fn show(
    out: &mut impl Write,
    image: &Image,
    path: &str,
    depth: usize,
) -> io::Result<()> {
    let mut tree = Tree {
        out,
        image,
        depth,
        lines: 0,
        seen: HashMap::new(),
    };
    if !path.is_empty() || image.slots().eq(["state"]) {
        let value = image.find("state", path).unwrap_or(Val::Nil);
        let dot = if path.is_empty() || path.starts_with(['.', '[']) {
            ""
        } else {
            "."
        };
        return tree.root(&format!("state{dot}{path}"), value);
    }
    for slot in image.slots() {
        tree.root(slot, image.slot(slot).unwrap_or(Val::Nil))?;
    }
    Ok(())
}

struct Tree<'a, W> {
    out: &'a mut W,
    image: &'a Image,
    depth: usize,
    lines: usize,
    /// The tables and buffers that were shown, and where.
    seen: HashMap<u32, String>,
}

impl<'a, W: Write> Tree<'a, W> {
    fn root(&mut self, path: &str, value: Val<'a>) -> io::Result<()> {
        self.entry(path, path.chars().count(), value, path, 0)
    }

    /// One line, and below it what a table holds.
    fn entry(
        &mut self,
        key: &str,
        width: usize,
        value: Val<'a>,
        path: &str,
        above: usize,
    ) -> io::Result<()> {
        self.lines += 1;
        let indent = 2 * above;
        write!(self.out, "{:indent$}{key:width$}  ", "")?;
        let Val::Object(id) = value else {
            let text = self.image.shown(value);
            return writeln!(self.out, "{}", text.as_deref().unwrap_or("nil"));
        };
        if let Some(place) = self.seen.get(&id) {
            return writeln!(self.out, "{DIM}^{place}{DIM:#}");
        }
        let Object::Table(table) = self.image.object(id) else {
            self.seen.insert(id, path.to_owned());
            let text = self.image.shown(value).unwrap_or_default();
            return writeln!(self.out, "{text}");
        };
        let is_open = above < self.depth && self.lines < LINES_MAX;
        let more = if is_open || table.len() == 0 {
            ""
        } else {
            " …"
        };
        writeln!(self.out, "{DIM}{}{more}{DIM:#}", about(self.image, &table))?;
        if is_open {
            self.seen.insert(id, path.to_owned());
            self.below(&table, path, above + 1)?;
        }
        Ok(())
    }

    fn below(&mut self, table: &Table<'a>, path: &str, above: usize) -> io::Result<()> {
        let image = self.image;
        let items = (1u32..).zip(table.array.clone());
        let items = items.map(|(n, item)| (format!("[{n}]"), item));
        let entries = table.in_order().into_iter();
        let entries = entries.map(|(key, value)| (image.key_text(key), value));
        let shown: Vec<(String, Val<'a>)> = items.chain(entries).take(ENTRIES_MAX).collect();
        let name = |step: &str| step.strip_prefix('.').unwrap_or(step).to_owned();
        let widths = shown.iter().map(|(step, _)| name(step).chars().count());
        let width = widths.max().unwrap_or(0).min(KEY_WIDTH_MAX);
        for (step, value) in &shown {
            let below = format!("{path}{step}");
            self.entry(&name(step), width, *value, &below, above)?;
            if self.lines >= LINES_MAX {
                break;
            }
        }
        let left = table.len() - shown.len() as u64;
        let indent = 2 * above;
        if self.lines >= LINES_MAX {
            self.lines += 1;
            return match self.lines == LINES_MAX + 1 {
                true => writeln!(self.out, "{:indent$}{DIM}… ask for a path{DIM:#}", ""),
                false => Ok(()),
            };
        }
        if left > 0 {
            writeln!(self.out, "{:indent$}{DIM}… {left} more{DIM:#}", "")?;
        }
        Ok(())
    }
}

/// `3 entries`, `2 items, frozen`
fn about(image: &Image, table: &Table<'_>) -> String {
    if let Some(place) = table.function() {
        let variables = table.entries.left();
        let with = if variables > 0 {
            ", with variables of its own"
        } else {
            ""
        };
        return format!("the function {place}{with}");
    }
    let (items, entries) = (table.array.left(), table.entries.left());
    let mut text = match (items, entries) {
        (0, 0) => "empty".to_owned(),
        (0, 1) => "1 entry".to_owned(),
        (0, n) => format!("{n} entries"),
        (1, 0) => "1 item".to_owned(),
        (n, 0) => format!("{n} items"),
        (_, _) => format!("{} entries", table.len()),
    };
    match table.meta {
        Val::Nil => {}
        Val::Named(n) => text = format!("{text}, metatable {}", image.name(n)),
        _ => text += ", with a metatable",
    }
    if table.flags & READONLY != 0 {
        text += ", frozen";
    }
    text
}
