//! Values that players change: layers, validation against the mod's own schema, and the difference of
//! two readings.
//!
//! [`layer`] puts the values of the mod's `config.toml` over the defaults of its schema, the player's over
//! both, and those of a profile over all; what the schema refuses lets the layer below show through.
//! [`diff`] says what changed and how each change takes effect. [`set`] writes one value into the player's
//! file without touching the rest of it.

mod edit;

use crate::manifest::{Apply, ConfigOption};
use crate::near::near;
use crate::problem::{Code, Place, Problem};
use crate::toml_reader::{Item, TomlText, shown};
use crate::value::Value;

pub use edit::set;
pub(crate) use edit::to_toml;

/// The largest file of config values, in bytes.
pub const CONFIG_BYTES_MAX: usize = 64 * 1024;

/// The effective config values of one mod, in the order of its schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConfigValues(Vec<ConfigValue>);

/// One effective config value.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigValue {
    /// The key: `tax_rate`.
    pub key: String,
    /// The value. It fits the schema: `Integer` for `int`, `Number` for `float`, `String` for `string`,
    /// `enum` and `color`, a list as [`Value::list`] makes it.
    pub value: Value,
    /// How a change of it takes effect.
    pub apply: Apply,
}

/// One config value of a profile: it goes over the player's own file.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// The key: `tax_rate`.
    pub key: String,
    /// The value, as it is written.
    pub value: Value,
    /// Where it is written.
    pub place: Place,
}

/// A config value that is another one than before.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigChange {
    /// The key.
    pub key: String,
    /// The value before; nil if the schema had no such key.
    pub old: Value,
    /// The value now; nil if the schema has no such key any more.
    pub new: Value,
    /// How the change takes effect.
    pub apply: Apply,
}

impl ConfigValues {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Every value, in the order of the schema.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigValue> {
        self.0.iter()
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the mod has no config.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn entry(&self, key: &str) -> Option<&ConfigValue> {
        self.0.iter().find(|entry| entry.key == key)
    }

    fn put(&mut self, key: &str, value: Value) {
        if let Some(entry) = self.0.iter_mut().find(|entry| entry.key == key) {
            entry.value = value;
        }
    }
}

/// The effective values of a mod with the config `schema`: its defaults, under the values that the mod
/// ships (`config.toml`), under the player's own (`config/<id>.toml`), each the content of a file and its
/// name for messages; under those of a profile.
///
/// A value that the schema refuses, and a key that it does not know, is a problem and has no effect: what
/// the mod runs with (`running`) stays, else the layer below shows through; so a slip while typing changes
/// nothing. None of these problems keeps the mod from running.
///
/// ```
/// use lunation::{Value, config, manifest};
/// let text = b"id = 'economy'\nversion = '1.0.0'\n[config.tax]\ntype = 'float'\ndefault = 0.1\nmax = 1";
/// let (manifest, _) = manifest::parse(text, "economy/mod.toml");
/// let schema = manifest.unwrap().config;
///
/// let mine = b"tax = 7".as_slice();
/// let file = Some((mine, "config/economy.toml"));
/// let (values, problems) = config::layer(&schema, None, file, &[], None);
/// assert_eq!(values.get("tax"), Some(&Value::Number(0.1)));
/// assert_eq!(
///     problems[0].to_string(),
///     "config/economy.toml:1:7: sets `tax` to 7, above the maximum 1 (hint: use a number not above 1)"
/// );
/// ```
pub fn layer(
    schema: &[ConfigOption],
    mod_values: Option<(&[u8], &str)>,
    player_values: Option<(&[u8], &str)>,
    overrides: &[Override],
    running: Option<&ConfigValues>,
) -> (ConfigValues, Vec<Problem>) {
    let mut values = ConfigValues(
        schema
            .iter()
            .map(|option| ConfigValue {
                key: option.key.clone(),
                value: option.default.clone(),
                apply: option.apply,
            })
            .collect(),
    );
    let mut problems = Vec::new();
    for (text, file) in [mod_values, player_values].into_iter().flatten() {
        problems.extend(lay_over(&mut values, schema, text, file, running));
    }
    for own in overrides {
        match check_one(schema, &own.key, &own.value) {
            Ok(value) => values.put(&own.key, value),
            Err(problem) => {
                if let Some(running) = staying(schema, &own.key, running) {
                    values.put(&own.key, running);
                }
                problems.push(problem.at(own.place.clone()));
            }
        }
    }
    (values, problems)
}

/// The value that a mod runs with, where the schema still takes it.
fn staying(schema: &[ConfigOption], key: &str, running: Option<&ConfigValues>) -> Option<Value> {
    let option = schema.iter().find(|option| option.key == key)?;
    option.kind.accept(running?.get(key)?).ok()
}

/// Puts the values of one file over `values`, which stand in the order of `schema`.
fn lay_over(
    values: &mut ConfigValues,
    schema: &[ConfigOption],
    text: &[u8],
    file: &str,
    running: Option<&ConfigValues>,
) -> Vec<Problem> {
    let stays = |option: &ConfigOption| staying(schema, &option.key, running);
    let stay = |values: &mut ConfigValues| {
        for (option, entry) in schema.iter().zip(&mut values.0) {
            entry.value = stays(option).unwrap_or_else(|| entry.value.clone());
        }
    };
    let toml = match TomlText::read(text, file, CONFIG_BYTES_MAX) {
        Ok(toml) => toml,
        Err(problem) => {
            stay(values);
            return vec![*problem];
        }
    };
    for (key, item) in toml.root().entries() {
        let known = schema.iter().zip(&mut values.0);
        match known.into_iter().find(|(option, _)| option.key == key) {
            Some((option, entry)) => {
                if let Some(value) = accepted(option, &item).or_else(|| stays(option)) {
                    entry.value = value;
                }
            }
            // Looking for a near name takes time, which a hostile file would take many times.
            None if toml.is_full() => item.report_key(Code::UNKNOWN_KEY, "", ""),
            None => {
                let (because, hint) = unknown(schema, key);
                item.report_key(Code::UNKNOWN_KEY, because, hint);
            }
        }
    }
    toml.into_problems()
}

fn accepted(option: &ConfigOption, item: &Item<'_>) -> Option<Value> {
    let value = item.value()?;
    let accepted = option.kind.accept(&value);
    if let Err(misfit) = &accepted {
        let because = format!("sets `{}` to {}", item.name(), misfit.because);
        item.report(Code::CONFIG_REFUSED, because, &misfit.hint);
    }
    accepted.ok()
}

/// `value` as the option `key` of `schema` holds it.
///
/// # Errors
/// A [`Problem`] without a place: [`Code::UNKNOWN_KEY`] with the near name, or
/// [`Code::CONFIG_REFUSED`] with what the option takes.
pub fn check_one(schema: &[ConfigOption], key: &str, value: &Value) -> Result<Value, Box<Problem>> {
    let Some(option) = schema.iter().find(|option| option.key == key) else {
        let (because, hint) = unknown(schema, key);
        return Err(Box::new(
            Problem::error(Code::UNKNOWN_KEY, because).hint(hint),
        ));
    };
    option.kind.accept(value).map_err(|misfit| {
        let because = format!("sets `{key}` to {}", misfit.because);
        Box::new(Problem::error(Code::CONFIG_REFUSED, because).hint(misfit.hint))
    })
}

/// Because and hint for a key that is not in `schema`.
fn unknown(schema: &[ConfigOption], key: &str) -> (String, String) {
    let keys = || schema.iter().map(|option| option.key.as_str());
    let because = format!("has the unknown key `{}`", shown(key));
    let list = match schema {
        [] => "this mod has no config".to_owned(),
        _ => format!(
            "the keys here are {}",
            keys().collect::<Vec<_>>().join(", ")
        ),
    };
    let hint = match near(key, keys()) {
        Some(meant) => format!("did you mean `{meant}`? {list}"),
        None => list,
    };
    (because, hint)
}

/// What is different in `new`: changed and added keys in its order, then the keys that it lacks.
pub fn diff(old: &ConfigValues, new: &ConfigValues) -> Vec<ConfigChange> {
    let changed = new.iter().filter_map(|entry| {
        let before = old.get(&entry.key);
        (before != Some(&entry.value)).then(|| ConfigChange {
            key: entry.key.clone(),
            old: before.cloned().unwrap_or_default(),
            new: entry.value.clone(),
            apply: entry.apply,
        })
    });
    let gone = old
        .iter()
        .filter(|entry| new.entry(&entry.key).is_none())
        .map(|entry| ConfigChange {
            key: entry.key.clone(),
            old: entry.value.clone(),
            new: Value::Nil,
            apply: entry.apply,
        });
    changed.chain(gone).collect()
}

#[cfg(test)]
mod tests;
