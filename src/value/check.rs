//! [`Value::check`]: whether a value that somebody else made can go into a VM.

use super::{NoValue, VALUE_DEPTH_MAX, VALUE_ENTRIES_MAX, Value};

impl Value {
    /// Whether this can go into a VM: whoever makes a [`Value`] by hand can nest it as deep as he likes.
    ///
    /// # Errors
    /// It is too deep or too large, or has a key that no table can have.
    pub fn check(&self) -> Result<(), NoValue> {
        let Value::Table(entries) = self else {
            return Ok(());
        };
        let mut open = vec![entries.iter()];
        let mut count = 0;
        while let Some(entries) = open.last_mut() {
            let Some((key, value)) = entries.next() else {
                open.pop();
                continue;
            };
            count += 1;
            if count > VALUE_ENTRIES_MAX {
                return Err(NoValue::TooLarge);
            }
            if key.is_not_a_number() {
                return Err(NoValue::Unfit(
                    "has a key that is not a number (nan)".into(),
                ));
            }
            // A key may be a table as well.
            for value in [value, key] {
                if let Value::Table(entries) = value {
                    if open.len() >= VALUE_DEPTH_MAX {
                        return Err(NoValue::TooDeep);
                    }
                    open.push(entries.iter());
                }
            }
        }
        Ok(())
    }

    fn is_not_a_number(&self) -> bool {
        match self {
            Value::Number(n) => n.is_nan(),
            Value::Vector(parts) => parts.iter().any(|part| part.is_nan()),
            _ => false,
        }
    }

    /// Drops a value however deep it is: the drop of a table calls that of the tables in it.
    pub(crate) fn take_apart(self) {
        let mut parts = vec![self];
        while let Some(part) = parts.pop() {
            if let Value::Table(entries) = part {
                parts.extend(entries.into_iter().flat_map(|(key, value)| [key, value]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> Value {
        (0..depth).fold(Value::Nil, |inner, _| Value::list([inner]))
    }

    #[test]
    fn what_is_as_deep_as_a_value_may_be_passes() {
        assert_eq!(nested(VALUE_DEPTH_MAX).check(), Ok(()));
        assert_eq!(Value::Number(f64::NAN).check(), Ok(()));
    }

    #[test]
    fn what_is_too_deep_or_too_large_or_has_an_impossible_key_is_refused_and_dropped() {
        for depth in [VALUE_DEPTH_MAX + 1, 1_000_000] {
            let value = nested(depth);
            assert_eq!(value.check(), Err(NoValue::TooDeep));
            value.take_apart();
        }
        let keys = (0..300).fold(Value::Nil, |inner, _| {
            Value::Table(vec![(inner, Value::Nil)])
        });
        assert_eq!(keys.check(), Err(NoValue::TooDeep));
        let large = Value::list((0..=VALUE_ENTRIES_MAX).map(|_| Value::Nil));
        assert_eq!(large.check(), Err(NoValue::TooLarge));
        for key in [Value::Number(f64::NAN), Value::Vector([0.0, f32::NAN, 0.0])] {
            let value = Value::Table(vec![(key, Value::Nil)]);
            assert!(matches!(value.check(), Err(NoValue::Unfit(_))));
        }
    }
}
