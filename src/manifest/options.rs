//! The config schema of a manifest: `[config.KEY]`.

use super::kind::WHOLE_MAX;
use super::parse::line;
use super::{Apply, ConfigKind, ConfigOption};
use crate::problem::Code;
use crate::toml_reader::{Item, Section, shown};

/// The longest key of a config option, in bytes.
const KEY_BYTES_MAX: usize = 64;

/// The most characters or items that a schema may allow.
pub(super) const LENGTH_MAX: i64 = 1 << 16;

const WHOLE: std::ops::RangeInclusive<i64> = -WHOLE_MAX..=WHOLE_MAX;
const NUMBER: std::ops::RangeInclusive<f64> = f64::MIN..=f64::MAX;

const APPLY: &[(&str, Apply)] = &[("live", Apply::Live), ("reload", Apply::Reload)];

#[derive(Clone, Copy)]
enum TypeName {
    Bool,
    Int,
    Float,
    String,
    Enum,
    Color,
    List,
}

const TYPES: &[(&str, TypeName)] = &[
    ("bool", TypeName::Bool),
    ("int", TypeName::Int),
    ("float", TypeName::Float),
    ("string", TypeName::String),
    ("enum", TypeName::Enum),
    ("color", TypeName::Color),
    ("list", TypeName::List),
];

/// `[config]`, in the order of the file.
pub(super) fn config(section: Section<'_>) -> Vec<ConfigOption> {
    section
        .entries()
        .into_iter()
        .filter_map(|(key, item)| option(key, &item))
        .collect()
}

fn option(key: &str, item: &Item<'_>) -> Option<ConfigOption> {
    if !is_name(key) {
        let because = format!("has the config option `{}`, which is no name", shown(key));
        let hint = "use letters, digits and '_', such as tax_rate";
        item.report_key(Code::BAD_VALUE, because, hint);
        return None;
    }
    let mut section = item.section()?;
    let mut apply = Apply::Live;
    let kind = section
        .required("type", "\"float\"")
        .and_then(|item| item.one_of(TYPES));
    let label = line(section.item("label"));
    let description = line(section.item("description")).unwrap_or_default();
    section.one_of("apply", APPLY, &mut apply);
    let default = section.required("default", example(kind));
    // Without a type nobody knows which other keys are legal: one problem is enough.
    let kind = of_type(kind?, &mut section);
    section.finish();
    let (kind, default) = (kind?, default?);
    let value = default.value()?;
    match kind.accept(&value) {
        Ok(value) => Some(ConfigOption {
            key: key.to_owned(),
            kind,
            default: value,
            label: label.unwrap_or_else(|| key.to_owned()),
            description,
            apply,
            place: item.key_place(),
        }),
        Err(misfit) => {
            let because = format!("sets `{}` to {}", default.name(), misfit.because);
            default.bad(because, misfit.hint);
            None
        }
    }
}

/// A name that Lua can write after a dot: `mod.config.tax_rate`.
fn is_name(key: &str) -> bool {
    key.len() <= KEY_BYTES_MAX
        && key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
}

fn example(kind: Option<TypeName>) -> &'static str {
    match kind {
        Some(TypeName::Bool) => "false",
        Some(TypeName::Int) => "0",
        None | Some(TypeName::Float) => "0.0",
        Some(TypeName::String) => "\"\"",
        Some(TypeName::Enum) => "one of `values`",
        Some(TypeName::Color) => "\"#ffffff\"",
        Some(TypeName::List) => "[]",
    }
}

fn of_type(name: TypeName, section: &mut Section<'_>) -> Option<ConfigKind> {
    match name {
        TypeName::List => {
            let items = section
                .required("items", "\"string\"")
                .and_then(|item| list_items(&item));
            let max_length = max_length(section);
            Some(ConfigKind::List {
                items: Box::new(items?),
                max_length,
            })
        }
        name => scalar(name, section),
    }
}

/// The kind of each item: the name of a type, or a table with its limits.
fn list_items(item: &Item<'_>) -> Option<ConfigKind> {
    let of_scalar = |name: &Item<'_>| match name.one_of(TYPES)? {
        TypeName::List => {
            name.bad("has lists in a list", "use a list of plain values");
            None
        }
        scalar => Some(scalar),
    };
    let simple = |name| match name {
        TypeName::Enum => {
            let hint = "write items = { type = \"enum\", values = [\"a\", \"b\"] }";
            item.report(
                Code::MISSING_KEY,
                "lacks the values of the items' enum",
                hint,
            );
            None
        }
        TypeName::Int => Some(ConfigKind::Int {
            min: None,
            max: None,
            step: None,
        }),
        TypeName::Float => Some(ConfigKind::Float {
            min: None,
            max: None,
            step: None,
        }),
        TypeName::String => Some(ConfigKind::String { max_length: None }),
        TypeName::Color => Some(ConfigKind::Color),
        TypeName::Bool => Some(ConfigKind::Bool),
        TypeName::List => None,
    };
    if !item.is_section() {
        return simple(of_scalar(item)?);
    }
    let mut section = item.section()?;
    let name = section
        .required("type", "\"string\"")
        .and_then(|name| of_scalar(&name));
    let kind = scalar(name?, &mut section);
    section.finish();
    kind
}

fn scalar(name: TypeName, section: &mut Section<'_>) -> Option<ConfigKind> {
    match name {
        TypeName::Bool => Some(ConfigKind::Bool),
        TypeName::Color => Some(ConfigKind::Color),
        TypeName::String => Some(ConfigKind::String {
            max_length: max_length(section),
        }),
        TypeName::Enum => values(section).map(|values| ConfigKind::Enum { values }),
        TypeName::Int => {
            let (min, max) = bounds(section, |item| item.whole(WHOLE));
            let step = section
                .item("step")
                .and_then(|item| item.whole(1..=WHOLE_MAX));
            Some(ConfigKind::Int { min, max, step })
        }
        TypeName::Float => {
            let (min, max) = bounds(section, |item| item.number(NUMBER));
            let step = section.item("step").and_then(|item| step(&item));
            Some(ConfigKind::Float { min, max, step })
        }
        TypeName::List => None,
    }
}

fn bounds<'r, N: PartialOrd>(
    section: &mut Section<'r>,
    read: impl Fn(&Item<'r>) -> Option<N>,
) -> (Option<N>, Option<N>) {
    let min = section.item("min").and_then(|item| read(&item));
    let max_item = section.item("max");
    let max = max_item.as_ref().and_then(&read);
    if let (Some(min), Some(max), Some(item)) = (&min, &max, max_item)
        && max < min
    {
        let because = format!("sets `{}` to {}, below `min`", item.name(), item.source());
        item.bad(because, "swap `min` and `max`");
        return (None, None);
    }
    (min, max)
}

fn step(item: &Item<'_>) -> Option<f64> {
    let step = item.number(NUMBER)?;
    if step <= 0.0 {
        let (name, written) = (item.name(), item.source());
        let because = format!("sets `{name}` to {written}, which is no distance");
        item.bad(because, "use a number above 0");
        return None;
    }
    Some(step)
}

fn max_length(section: &mut Section<'_>) -> Option<usize> {
    let length = section.item("max_length")?.whole(1..=LENGTH_MAX)?;
    usize::try_from(length).ok()
}

fn values(section: &mut Section<'_>) -> Option<Vec<String>> {
    let list = section.required("values", "[\"a\", \"b\"]")?;
    let mut values: Vec<String> = Vec::new();
    let mut is_fine = true;
    let mut seen = std::collections::HashSet::new();
    for item in list.list() {
        let Some(text) = item.string() else {
            is_fine = false;
            continue;
        };
        if !seen.insert(text) {
            let because = format!("lists the value {} twice", item.source());
            item.bad(because, "list each value once");
            is_fine = false;
        }
        values.push(text.to_owned());
    }
    if values.is_empty() && is_fine {
        let because = format!("gives `{}` no value", list.name());
        list.bad(because, "list at least one value");
    }
    (is_fine && !values.is_empty()).then_some(values)
}
