//! A small scanner of Rust: parts a text into code and comments, line by line, and forgets what strings say.

/// A text in two layers of equal lines; what belongs to the other layer, or into a string, is blank.
pub(super) struct Layers {
    /// Code, with the insides of strings and characters blanked.
    pub(super) code: String,
    /// Comments, with their marks.
    pub(super) comments: String,
}

enum Mode {
    Code,
    LineComment,
    BlockComment { depth: usize },
    Text,
    RawText { hashes: usize },
}

/// Parts `text` into its layers.
pub(super) fn layers(text: &str) -> Layers {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Layers {
        code: String::with_capacity(text.len()),
        comments: String::new(),
    };
    let mut mode = Mode::Code;
    let mut i = 0;
    while i < chars.len() {
        let (next, taken) = step(&mode, &chars[i..], chars[..i].last());
        let as_comment = matches!(mode, Mode::LineComment | Mode::BlockComment { .. })
            || matches!(next, Some(Mode::LineComment | Mode::BlockComment { .. }));
        let as_code = matches!(mode, Mode::Code) && !as_comment;
        // Of a character literal only the quotes are code.
        let is_literal = as_code && next.is_none() && taken > 1;
        for (at, c) in chars[i..i + taken].iter().enumerate() {
            let inside = is_literal && at > 0 && at + 1 < taken;
            push(&mut out.code, *c, as_code && !inside);
            push(&mut out.comments, *c, as_comment);
        }
        i += taken;
        mode = next.unwrap_or(mode);
    }
    out
}

fn push(layer: &mut String, c: char, kept: bool) {
    layer.push(if kept || c == '\n' { c } else { ' ' });
}

/// The mode after the next few characters, if it changes, and how many they are.
fn step(mode: &Mode, rest: &[char], before: Option<&char>) -> (Option<Mode>, usize) {
    let at = |n: usize| rest.get(n).copied().unwrap_or('\0');
    match mode {
        Mode::Code => match at(0) {
            '/' if at(1) == '/' => (Some(Mode::LineComment), 2),
            '/' if at(1) == '*' => (Some(Mode::BlockComment { depth: 1 }), 2),
            '"' => (Some(Mode::Text), 1),
            '\'' => (None, char_literal(rest).unwrap_or(1)),
            'r' | 'b' | 'c' if !before.is_some_and(|c| is_word(*c)) => raw_text(rest),
            _ => (None, 1),
        },
        Mode::LineComment => ((at(0) == '\n').then_some(Mode::Code), 1),
        Mode::BlockComment { depth } => match (at(0), at(1)) {
            ('*', '/') if *depth == 1 => (Some(Mode::Code), 2),
            ('*', '/') => (Some(Mode::BlockComment { depth: depth - 1 }), 2),
            ('/', '*') => (Some(Mode::BlockComment { depth: depth + 1 }), 2),
            _ => (None, 1),
        },
        Mode::Text => match at(0) {
            '\\' => (None, rest.len().min(2)),
            '"' => (Some(Mode::Code), 1),
            _ => (None, 1),
        },
        Mode::RawText { hashes } => {
            let ends = at(0) == '"' && (1..=*hashes).all(|n| at(n) == '#');
            if ends {
                (Some(Mode::Code), 1 + hashes)
            } else {
                (None, 1)
            }
        }
    }
}

/// The length of the character literal that starts here, unless it is a lifetime.
fn char_literal(rest: &[char]) -> Option<usize> {
    match rest.get(1)? {
        '\\' => {
            let end = rest.iter().skip(3).position(|c| *c == '\'')?;
            Some(end + 4)
        }
        _ => (rest.get(2) == Some(&'\'')).then_some(3),
    }
}

/// A raw string such as `r#"…"#`, `br"…"`; or only a letter.
fn raw_text(rest: &[char]) -> (Option<Mode>, usize) {
    let marks = if rest[0] == 'r' { 1 } else { 2 };
    if marks == 2 && rest.get(1) != Some(&'r') {
        return (None, 1);
    }
    let hashes = rest[marks.min(rest.len())..]
        .iter()
        .take_while(|c| **c == '#')
        .count();
    if rest.get(marks + hashes) == Some(&'"') {
        (Some(Mode::RawText { hashes }), marks + hashes + 1)
    } else {
        (None, 1)
    }
}

/// Whether `c` can be part of a name.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The byte offsets at which `word` stands whole in `text`.
pub(super) fn find_word<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let starts_as_word = word.chars().next().is_some_and(is_word);
    let ends_as_word = word.chars().next_back().is_some_and(is_word);
    text.match_indices(word).filter_map(move |(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let joined = starts_as_word && before.is_some_and(is_word)
            || ends_as_word && after.is_some_and(is_word);
        (!joined).then_some(at)
    })
}

/// The line of a byte offset, from 1.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// Every path that the `use` lines of `code` name through groups, with its line:
/// `use std::{fs, io::Read}` names `std::fs` and `std::io::Read`.
pub(super) fn grouped_uses(code: &str) -> Vec<(usize, String)> {
    let mut paths = Vec::new();
    for at in find_word(code, "use") {
        let statement = code[at + 3..].split(';').next().unwrap_or_default();
        if statement.contains('{') {
            let tree: String = statement.split_whitespace().collect();
            let mut found = Vec::new();
            take_apart("", &tree, &mut found);
            paths.extend(found.into_iter().map(|path| (line_of(code, at), path)));
        }
    }
    paths
}

fn take_apart(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let Some((head, group)) = tree.split_once('{') else {
        paths.push(format!("{prefix}{tree}"));
        return;
    };
    let group = group.strip_suffix('}').unwrap_or(group);
    let mut depth = 0;
    let branches = group.split(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    for branch in branches.filter(|branch| !branch.is_empty()) {
        take_apart(&format!("{prefix}{head}"), branch, paths);
    }
}
