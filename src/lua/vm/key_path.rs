//! Reads a path below `mod.state` as somebody types it: `enemies[3].name`, `["two words"][1]`.

/// One key of a path.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    /// Used for `.name` and `["any text"]`.
    Text(String),
    /// Used for `[3]`, and for a name that is a number.
    Number(f64),
}

/// The keys of a path, outermost first; none for an empty one.
///
/// # Errors
/// Why it is none: completes "the path can't be read because …".
pub(super) fn read(path: &str) -> Result<Vec<Key>, String> {
    let mut keys = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (key, after) = match (rest.strip_prefix('['), rest.strip_prefix('.')) {
            (Some(inside), _) => in_brackets(inside)?,
            (None, Some(after)) if !keys.is_empty() => name(after)?,
            _ if keys.is_empty() => name(rest)?,
            _ => return Err(format!("after `]` comes `.` or `[`, not `{}`", start(rest))),
        };
        keys.push(key);
        rest = after;
    }
    Ok(keys)
}

/// A name up to the next `.` or `[`.
fn name(text: &str) -> Result<(Key, &str), String> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    match name {
        "" => Err("a name between two dots, or at an end, is empty".into()),
        name if name.contains([']', '"']) => Err(format!(
            "the name `{}` needs brackets and quotes: [\"…\"]",
            start(name)
        )),
        name => Ok((
            number(name).map_or_else(|| Key::Text(name.into()), Key::Number),
            rest,
        )),
    }
}

/// What stands after `[`, up to and with its `]`.
fn in_brackets(text: &str) -> Result<(Key, &str), String> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (inside, rest) = text.split_once(']').ok_or("a `[` has no `]`")?;
        let key = number(inside).map(Key::Number);
        let key = key.ok_or_else(|| {
            format!(
                "in brackets stands a number or a text in quotes, not `{}`",
                start(inside)
            )
        })?;
        return Ok((key, rest));
    };
    let mut key = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => key.extend(chars.next().map(|(_, escaped)| escaped)),
            '"' => {
                let rest = quoted[at + 1..].strip_prefix(']');
                let rest = rest.ok_or("a text in quotes is not followed by `]`")?;
                return Ok((Key::Text(key), rest));
            }
            char => key.push(char),
        }
    }
    Err("a quote has no end".into())
}

/// Rust reads `nan` and `inf` as numbers too; in a path they are names.
fn number(text: &str) -> Option<f64> {
    let looks_like_one = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    text.parse().ok().filter(|_| looks_like_one)
}

/// As much of a text as a message shows.
fn start(text: &str) -> String {
    text.chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &[Key]) {
        assert_eq!(read(path).as_deref(), Ok(expected), "{path}");
    }

    fn text(text: &str) -> Key {
        Key::Text(text.into())
    }

    #[test]
    fn names_numbers_and_texts_in_quotes_are_keys() {
        check("", &[]);
        check(
            "enemies[3].name",
            &[text("enemies"), Key::Number(3.0), text("name")],
        );
        check("a.2.-1", &[text("a"), Key::Number(2.0), Key::Number(-1.0)]);
        check(
            r#"["two words"]["a.b[1]"]["\"\\"]"#,
            &[text("two words"), text("a.b[1]"), text("\"\\")],
        );
        check("[\"\"].nan", &[text(""), text("nan")]);
        check("[1.5].größe", &[Key::Number(1.5), text("größe")]);
    }

    #[test]
    fn what_is_no_path_is_an_error_that_says_why() {
        for (path, why) in [
            ("a..b", "is empty"),
            (".a", "is empty"),
            ("a.", "is empty"),
            ("a[", "has no `]`"),
            ("a[1", "has no `]`"),
            ("a]", "needs brackets"),
            ("a[b]", "a number or a text in quotes"),
            ("a[]", "a number or a text in quotes"),
            ("a[1]b", "comes `.` or `[`"),
            ("[\"a", "has no end"),
            ("[\"a\\", "has no end"),
            ("[\"a\"b]", "not followed by"),
            ("a\"b", "needs brackets"),
        ] {
            let error = read(path).unwrap_err();
            assert!(error.contains(why), "{path}: {error}");
        }
    }
}
