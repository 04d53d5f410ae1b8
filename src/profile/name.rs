//! [`ProfileName`]: which names a profile may have, so that a name can never lead out of its folder.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

use crate::mod_id::RESERVED;
use crate::near::{near, one_of};
use crate::problem::{Code, Problem};

/// The name of a profile: `^[a-z0-9][a-z0-9_-]{0,63}$`, and none of [`RESERVED`]. It is safe to use as a file
/// name on every platform.
///
/// ```
/// use lunation::ProfileName;
/// let name: ProfileName = "hard-winter".parse()?;
/// assert_eq!(name.file(), "profiles/hard-winter.toml");
/// assert!("../secrets".parse::<ProfileName>().is_err());
/// # Ok::<(), lunation::InvalidProfileName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ProfileName(Arc<str>);

/// The most characters of a name.
const CHARS_MAX: usize = 64;

/// That a text is no [`ProfileName`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "can't be the name of a profile: that has 1 to 64 of a to z, 0 to 9, '_' and '-', begins with a letter or digit, and is not reserved"
)]
pub struct InvalidProfileName;

impl ProfileName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The file as people see it: `profiles/NAME.toml`.
    pub fn file(&self) -> String {
        format!("profiles/{self}.toml")
    }

    /// That there is no such profile, but `others`.
    pub fn unknown(&self, others: &[ProfileName]) -> Problem {
        let because = format!("is asked to use the profile `{self}`, which is not there");
        let meant = near(&self.0, others.iter().map(ProfileName::as_str));
        let hint = match (meant, others) {
            (Some(meant), _) => format!("did you mean `{meant}`?"),
            (None, []) => format!("make the file `{}` beside the mods folder", self.file()),
            (None, _) => format!(
                "there is {}",
                one_of(others.iter().map(ProfileName::as_str))
            ),
        };
        Problem::error(Code::UNKNOWN_PROFILE, because).hint(hint)
    }
}

impl FromStr for ProfileName {
    type Err = InvalidProfileName;

    fn from_str(text: &str) -> Result<ProfileName, InvalidProfileName> {
        let is_legal = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_name = text.len() <= CHARS_MAX
            && text.bytes().next().is_some_and(is_legal)
            && text
                .bytes()
                .all(|c| is_legal(c) || matches!(c, b'_' | b'-'))
            && !RESERVED.contains(&text);
        match is_name {
            true => Ok(ProfileName(text.into())),
            false => Err(InvalidProfileName),
        }
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<'de> Deserialize<'de> for ProfileName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for ProfileName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ProfileName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$",
            "not": { "enum": RESERVED },
        })
    }
}
