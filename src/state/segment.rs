//! [`Segment`]: one key of a path as a person writes it, such as `enemies[3].name` or `["two words"][1]`.

/// One key of a path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Segment {
    /// As it stands there, without quotes and escapes.
    pub(crate) text: String,
    /// Whether it stood in quotes: then it is a text, whatever it looks like.
    pub(crate) is_quoted: bool,
}

impl Segment {
    /// The keys of a path, outermost first; none for an empty one.
    ///
    /// # Errors
    /// Why it is none; completes "the path can't be read because …".
    pub(crate) fn read(path: &str) -> Result<Vec<Segment>, String> {
        let mut all = Vec::new();
        let mut rest = path;
        while !rest.is_empty() {
            let (segment, after) = match (rest.strip_prefix('['), rest.strip_prefix('.')) {
                (Some(inside), _) => in_brackets(inside)?,
                (None, Some(after)) => name(after)?,
                (None, None) if all.is_empty() => name(rest)?,
                (None, None) => {
                    let wrong = start(rest);
                    return Err(format!("after `]` comes `.` or `[`, not `{wrong}`"));
                }
            };
            all.push(segment);
            rest = after;
        }
        Ok(all)
    }

    /// The number that it is, if it is one.
    pub(crate) fn number(&self) -> Option<f64> {
        // Rust reads `nan` and `inf` as numbers too; in a path they are names.
        let looks_like_one =
            |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        (!self.is_quoted && looks_like_one(&self.text)).then(|| self.text.parse().ok())?
    }

    fn plain(text: &str) -> Segment {
        Segment {
            text: text.to_owned(),
            is_quoted: false,
        }
    }
}

/// A name up to the next `.` or `[`.
fn name(text: &str) -> Result<(Segment, &str), String> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return Err("a name between two dots, or at an end, is empty".into());
    }
    if name.contains([']', '"']) {
        let name = start(name);
        return Err(format!(
            "the name `{name}` needs brackets and quotes: [\"…\"]"
        ));
    }
    Ok((Segment::plain(name), rest))
}

/// What stands after `[`, up to and with its `]`.
fn in_brackets(text: &str) -> Result<(Segment, &str), String> {
    if let Some(quoted) = text.strip_prefix('"') {
        return in_quotes(quoted);
    }
    let (inside, rest) = text.split_once(']').ok_or("a `[` has no `]`")?;
    let segment = Segment::plain(inside);
    if segment.number().is_none() && !["true", "false"].contains(&inside) {
        let inside = start(inside);
        return Err(format!(
            "in brackets stands a number or a text in quotes, not `{inside}`"
        ));
    }
    Ok((segment, rest))
}

/// What stands after `["`, up to and with its `"]`.
fn in_quotes(text: &str) -> Result<(Segment, &str), String> {
    let mut segment = Segment {
        text: String::new(),
        is_quoted: true,
    };
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => segment.text.extend(chars.next().map(|(_, char)| char)),
            '"' => {
                let rest = text[at + 1..].strip_prefix(']');
                let rest = rest.ok_or("a text in quotes is not followed by `]`")?;
                return Ok((segment, rest));
            }
            char => segment.text.push(char),
        }
    }
    Err("a quote has no end".into())
}

/// As much of a text as a message shows.
fn start(text: &str) -> String {
    text.chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &[(&str, bool)]) {
        let segment = |(text, is_quoted): &(&str, bool)| Segment {
            text: (*text).to_owned(),
            is_quoted: *is_quoted,
        };
        let expected: Vec<Segment> = expected.iter().map(segment).collect();
        assert_eq!(Segment::read(path), Ok(expected), "{path}");
    }

    #[test]
    fn a_path_is_read_as_it_is_written_in_reports() {
        check("", &[]);
        check("count", &[("count", false)]);
        let enemy = [("enemies", false), ("3", false), ("name", false)];
        check("enemies[3].name", &enemy);
        check(".enemies[3].name", &enemy);
        check("[\"a.b]\"].x", &[("a.b]", true), ("x", false)]);
        check(
            "a[-1.5][true]",
            &[("a", false), ("-1.5", false), ("true", false)],
        );
        check(
            r#"["\"\\"].größe[""]"#,
            &[("\"\\", true), ("größe", false), ("", true)],
        );
    }

    #[test]
    fn what_is_no_path_is_an_error_that_says_why() {
        for (path, why) in [
            ("a..b", "is empty"),
            (".", "is empty"),
            ("a.", "is empty"),
            ("a[", "has no `]`"),
            ("a[1", "has no `]`"),
            ("a]", "needs brackets"),
            ("a[b]", "a number or a text in quotes"),
            ("a[]", "a number or a text in quotes"),
            ("a[1]b", "comes `.` or `[`"),
            ("a[\"x", "has no end"),
            ("[\"a\\", "has no end"),
            ("[\"a\"b]", "not followed by"),
            ("a\"b", "needs brackets"),
        ] {
            let error = Segment::read(path).unwrap_err();
            assert!(error.contains(why), "{path}: {error}");
        }
    }

    #[test]
    fn what_looks_like_a_number_is_one_unless_it_is_quoted() {
        let number = |path: &str| Segment::read(path).unwrap()[0].number();
        assert_eq!(number("[2]"), Some(2.0));
        assert_eq!(number("-1"), Some(-1.0));
        assert_eq!(number("[\"2\"]"), None);
        assert_eq!(number("nan"), None);
    }
}
