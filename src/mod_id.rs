//! [`ModId`]: the name of a mod, and the only place that decides which names are legal.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The name of a mod: `^[a-z][a-z0-9_-]{1,63}$`, and none of [`RESERVED`].
///
/// A `ModId` is cheap to clone and safe to use as a file name on every platform.
///
/// ```
/// use lunation::ModId;
/// let id: ModId = "economy".parse()?;
/// assert_eq!(id.as_str(), "economy");
/// assert!("../economy".parse::<ModId>().is_err());
/// # Ok::<(), lunation::InvalidModId>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModId(Arc<str>);

/// The most characters that an id may have.
pub const MOD_ID_CHARS_MAX: usize = 64;

/// Names that no mod may have: device names that Windows forbids as file names, and the two speakers
/// that are not mods.
pub const RESERVED: &[&str] = &[
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "host",
    "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "lunation", "nul",
    "prn",
];

/// Why a text is not a [`ModId`]; completes "the id is refused because it …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidModId {
    /// Fewer than 2 or more than 64 characters.
    #[error("has {0} characters; an id has 2 to 64")]
    Length(usize),
    /// The first character is not a small letter.
    #[error("starts with {0:?}; an id starts with a small letter a to z")]
    Start(char),
    /// A character that no id may contain, such as a slash, a dot or a capital.
    #[error("contains {0:?}; an id has only a to z, 0 to 9, '_' and '-'")]
    Character(char),
    /// One of [`RESERVED`].
    #[error("is a reserved name")]
    Reserved,
}

impl ModId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The legal id nearest to `text`, for hints: `"My Mod"` → `my-mod`. `None` if nothing is left of it.
    pub fn nearest(text: &str) -> Option<ModId> {
        let mut near: String = text
            .chars()
            .take(MOD_ID_CHARS_MAX)
            .map(|c| c.to_ascii_lowercase())
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '_' {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        near = near
            .trim_matches(|c: char| !c.is_ascii_alphanumeric())
            .to_owned();
        near = near
            .trim_start_matches(|c: char| !c.is_ascii_lowercase())
            .to_owned();
        near.parse().ok()
    }
}

impl FromStr for ModId {
    type Err = InvalidModId;

    fn from_str(text: &str) -> Result<Self, InvalidModId> {
        let length = text.chars().count();
        if !(2..=MOD_ID_CHARS_MAX).contains(&length) {
            return Err(InvalidModId::Length(length));
        }
        let first = text.chars().next().unwrap_or_default();
        if !first.is_ascii_lowercase() {
            return Err(InvalidModId::Start(first));
        }
        let legal =
            |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
        if let Some(bad) = text.chars().find(|c| !legal(c)) {
            return Err(InvalidModId::Character(bad));
        }
        if RESERVED.contains(&text) {
            return Err(InvalidModId::Reserved);
        }
        Ok(ModId(text.into()))
    }
}

impl fmt::Display for ModId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ModId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for ModId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for ModId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for ModId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ModId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|why| serde::de::Error::custom(format!("the id {text:?} {why}")))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for ModId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ModId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[a-z][a-z0-9_-]{1,63}$",
            "not": { "enum": RESERVED },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_underscore_and_hyphen_are_legal() {
        for id in ["ab", "economy", "price-api", "a_1", &"a".repeat(64)] {
            assert!(id.parse::<ModId>().is_ok(), "{id}");
        }
    }

    #[test]
    fn paths_capitals_lengths_and_reserved_names_are_refused_with_the_reason() {
        let why = |id: &str| id.parse::<ModId>().unwrap_err();
        assert_eq!(why("a"), InvalidModId::Length(1));
        assert_eq!(why(&"a".repeat(65)), InvalidModId::Length(65));
        assert_eq!(why("../up"), InvalidModId::Start('.'));
        assert_eq!(why("a/b"), InvalidModId::Character('/'));
        assert_eq!(why("myMod"), InvalidModId::Character('M'));
        assert_eq!(why("con"), InvalidModId::Reserved);
        assert_eq!(why("lunation"), InvalidModId::Reserved);
    }

    #[test]
    fn the_nearest_legal_id_is_offered() {
        let near = |text: &str| ModId::nearest(text).map(|id| id.to_string());
        assert_eq!(near("My Mod").as_deref(), Some("my-mod"));
        assert_eq!(near("../up").as_deref(), Some("up"));
        assert_eq!(near("42"), None);
    }
}
