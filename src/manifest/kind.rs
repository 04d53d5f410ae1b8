//! [`ConfigKind::accept`]: whether a value fits a config option, and what would.

use std::fmt;

use super::ConfigKind;
use crate::near::{near, one_of};
use crate::value::Value;

/// The largest whole number, and minus it the smallest, that every Lua flavour holds exactly.
pub(super) const WHOLE_MAX: i64 = 1 << 53;

/// Why a value doesn't fit; completes "because it sets the key to …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The value, and what is wrong with it: `7, above the maximum 1`.
    pub because: String,
    /// What would fit: `use a number from 0 to 1`.
    pub hint: String,
}

impl ConfigKind {
    /// `value` as this kind holds it: `Float` takes whole numbers too, `Int` takes floats without a
    /// fraction, everything else is taken as it is.
    ///
    /// # Errors
    /// [`Misfit`], if the value is of another type, out of range, or not in the list.
    ///
    /// ```
    /// use lunation::Value;
    /// use lunation::manifest::ConfigKind;
    /// let share = ConfigKind::Float { min: Some(0.0), max: Some(1.0), step: None };
    /// assert_eq!(share.accept(&Value::Integer(1)), Ok(Value::Number(1.0)));
    /// let misfit = share.accept(&Value::Number(7.0)).unwrap_err();
    /// assert_eq!(misfit.because, "7, above the maximum 1");
    /// assert_eq!(misfit.hint, "use a number from 0 to 1");
    /// ```
    pub fn accept(&self, value: &Value) -> Result<Value, Misfit> {
        match self {
            ConfigKind::List { items, max_length } => self.accept_list(items, *max_length, value),
            _ => self.accept_scalar(value),
        }
    }

    fn accept_list(
        &self,
        items: &ConfigKind,
        length_max: Option<usize>,
        value: &Value,
    ) -> Result<Value, Misfit> {
        let list = value
            .as_list()
            .ok_or_else(|| self.misfit(value, "which is not a list"))?;
        if length_max.is_some_and(|max| list.len() > max) {
            return Err(Misfit {
                because: format!("a list of {} items", list.len()),
                hint: format!("use {self}"),
            });
        }
        let accepted = list.iter().enumerate().map(|(at, item)| {
            items.accept_scalar(item).map_err(|misfit| Misfit {
                because: format!("a list whose item {} is {}", at + 1, misfit.because),
                hint: format!("use {self}"),
            })
        });
        Ok(Value::list(accepted.collect::<Result<Vec<_>, _>>()?))
    }

    fn accept_scalar(&self, value: &Value) -> Result<Value, Misfit> {
        match self {
            ConfigKind::Bool => self.accept_if(value, matches!(value, Value::Boolean(_))),
            ConfigKind::Int { min, max, .. } => {
                let number = whole(value)
                    .ok_or_else(|| self.misfit(value, "which is not a whole number"))?;
                let max = max.unwrap_or(WHOLE_MAX);
                self.accept_between(value, number, min.unwrap_or(-WHOLE_MAX), max)?;
                Ok(Value::Integer(number))
            }
            ConfigKind::Float { min, max, .. } => {
                let number = value
                    .as_f64()
                    .filter(|number| number.is_finite())
                    .ok_or_else(|| self.misfit(value, "which is not a number"))?;
                let (min, max) = (min.unwrap_or(f64::MIN), max.unwrap_or(f64::MAX));
                self.accept_between(value, number, min, max)?;
                Ok(Value::Number(number))
            }
            ConfigKind::String { max_length } => {
                let text = self.text(value)?;
                if max_length.is_some_and(|max| text.chars().count() > max) {
                    let because = format!("a text of {} characters", text.chars().count());
                    return Err(Misfit {
                        because,
                        hint: format!("use {self}"),
                    });
                }
                Ok(value.clone())
            }
            ConfigKind::Enum { values } => self.accept_listed(value, values),
            ConfigKind::Color => {
                let is_color = is_color(self.text(value)?);
                self.accept_if(value, is_color)
            }
            ConfigKind::List { .. } => Err(self.misfit(value, "which is a list in a list")),
        }
    }

    fn accept_if(&self, value: &Value, is_fit: bool) -> Result<Value, Misfit> {
        match is_fit {
            true => Ok(value.clone()),
            false => Err(self.misfit(value, &format!("which is not {}", self.name()))),
        }
    }

    fn accept_between<N: PartialOrd + fmt::Display>(
        &self,
        value: &Value,
        number: N,
        min: N,
        max: N,
    ) -> Result<(), Misfit> {
        if number < min {
            Err(self.misfit(value, &format!("below the minimum {min}")))
        } else if number > max {
            Err(self.misfit(value, &format!("above the maximum {max}")))
        } else {
            Ok(())
        }
    }

    fn accept_listed(&self, value: &Value, values: &[String]) -> Result<Value, Misfit> {
        let text = self.text(value)?;
        if values.iter().any(|listed| listed == text) {
            return Ok(value.clone());
        }
        let mut misfit = self.misfit(value, "which is not in its list");
        if let Some(meant) = near(text, values.iter().map(String::as_str)) {
            misfit.hint = format!("did you mean \"{meant}\"? {}", misfit.hint);
        }
        Err(misfit)
    }

    fn text<'v>(&self, value: &'v Value) -> Result<&'v str, Misfit> {
        value
            .as_str()
            .ok_or_else(|| self.misfit(value, "which is not a string"))
    }

    fn misfit(&self, value: &Value, wrong: &str) -> Misfit {
        Misfit {
            because: format!("{}, {wrong}", shown(value)),
            hint: format!("use {self}"),
        }
    }

    /// What one value of this kind is called.
    fn name(&self) -> &'static str {
        match self {
            ConfigKind::Bool => "true or false",
            ConfigKind::Int { .. } => "a whole number",
            ConfigKind::Float { .. } => "a number",
            ConfigKind::String { .. } => "a string",
            ConfigKind::Enum { .. } => "one of its values",
            ConfigKind::Color => "a color such as \"#ffcc00\"",
            ConfigKind::List { .. } => "a list",
        }
    }
}

/// What the kind takes, in words: `a number from 0 to 1`.
impl fmt::Display for ConfigKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigKind::Int { min, max, .. } => write_range(f, self.name(), *min, *max),
            ConfigKind::Float { min, max, .. } => write_range(f, self.name(), *min, *max),
            ConfigKind::String {
                max_length: Some(max),
            } => write!(f, "a string of at most {max} characters"),
            ConfigKind::Enum { values } => f.write_str(&one_of(values.iter().map(String::as_str))),
            ConfigKind::List { items, max_length } => {
                f.write_str("a list")?;
                if let Some(max) = max_length {
                    write!(f, " of at most {max}")?;
                }
                write!(f, ", each {items}")
            }
            _ => f.write_str(self.name()),
        }
    }
}

fn write_range<N: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    min: Option<N>,
    max: Option<N>,
) -> fmt::Result {
    match (min, max) {
        (Some(min), Some(max)) => write!(f, "{name} from {min} to {max}"),
        (Some(min), None) => write!(f, "{name} not below {min}"),
        (None, Some(max)) => write!(f, "{name} not above {max}"),
        (None, None) => f.write_str(name),
    }
}

/// `#rrggbb` or `#rrggbbaa`.
pub(super) fn is_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    matches!(digits.len(), 6 | 8) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Number(number) => {
            let is_whole = number.fract() == 0.0 && number.abs() <= WHOLE_MAX as f64;
            is_whole.then_some(*number as i64)
        }
        _ => None,
    }
}

/// A value as it stands in a message: short, whatever it is.
fn shown(value: &Value) -> String {
    match value.as_str() {
        Some(text) => format!("\"{}\"", crate::toml_reader::shown(text)),
        None if matches!(value, Value::Table(_)) => "a table".to_owned(),
        None => value.to_string(),
    }
}
