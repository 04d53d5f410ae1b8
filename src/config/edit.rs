//! [`set`]: one value written into a file of config values, everything else kept as the player has it.

use toml_edit::{Array, DocumentMut, Item, Value as TomlValue};

use super::CONFIG_BYTES_MAX;
use crate::problem::{Code, Place, Problem};
use crate::value::Value;

/// `text`, the content of `file`, with `key` set to `value`; comments, order and spacing of the rest stay.
///
/// The value should have passed [`super::check_one`].
///
/// # Errors
/// A [`Problem`] if `text` is not TOML (the player must mend it first), or if TOML has no such value.
///
/// ```
/// use lunation::{Value, config};
/// let mine = "# my town\ntax = 0.1 # low\n";
/// let new = config::set(mine, "config/economy.toml", "tax", &Value::Number(0.2)).unwrap();
/// assert_eq!(new, "# my town\ntax = 0.2 # low\n");
/// ```
pub fn set(text: &str, file: &str, key: &str, value: &Value) -> Result<String, Box<Problem>> {
    if text.len() > CONFIG_BYTES_MAX {
        let because = format!("has {} bytes; the limit is {CONFIG_BYTES_MAX}", text.len());
        return Err(refused(file, Code::TOO_LARGE, &because, "shorten it"));
    }
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        let because = format!("is not TOML here: {}", error.message());
        let at = error.span().map_or(0, |span| span.start);
        Box::new(
            Problem::error(Code::TOML_SYNTAX, because)
                .at(Place::offset(file, text, at))
                .hint("mend the file by hand, then set the value again"),
        )
    })?;
    let mut new = to_toml(value).ok_or_else(|| {
        let because = format!("can't hold `{key}` = {value}");
        let hint = "set true, false, a finite number, a string or a list of them";
        refused(file, Code::BAD_VALUE, &because, hint)
    })?;
    match document.get_mut(key) {
        Some(Item::Value(old)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        Some(other) => *other = Item::Value(new),
        None => {
            document.insert(key, Item::Value(new));
        }
    }
    Ok(document.to_string())
}

fn refused(file: &str, code: Code, because: &str, hint: &str) -> Box<Problem> {
    let problem = Problem::error(code, because).at(Place::file(file));
    Box::new(problem.hint(hint))
}

/// A scalar or a list of scalars; lists in lists are no config values.
pub(crate) fn to_toml(value: &Value) -> Option<TomlValue> {
    match value.as_list() {
        Some(items) => {
            let items: Option<Array> = items.into_iter().map(scalar).collect();
            items.map(TomlValue::Array)
        }
        None => scalar(value),
    }
}

fn scalar(value: &Value) -> Option<TomlValue> {
    match value {
        Value::Boolean(is) => Some((*is).into()),
        Value::Integer(number) => Some((*number).into()),
        Value::Number(number) => number.is_finite().then(|| (*number).into()),
        Value::String(_) => value.as_str().map(Into::into),
        _ => None,
    }
}
