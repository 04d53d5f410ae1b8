//! The checks behind the tables: each takes a path and a text and gives the breaches, so that it can be tested.

use std::fmt;

use super::scan::{self, Layers, find_word, is_word, line_of};
use super::{
    ARROWS, BANS, CHANGEABLE, CHANGEABLE_HELD, EMPTY_NAMES, EMPTY_NAMES_ALLOWED, EMPTY_NAMES_WHOLE,
    FOREIGN, LINES_LIMITED, LINES_MAX, TOP_LEVEL,
};

/// One breach of one rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Failure {
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) rule: String,
    mend: String,
}

impl Failure {
    fn new(path: &str, line: usize, rule: impl Into<String>, mend: impl Into<String>) -> Failure {
        Failure {
            path: path.into(),
            line,
            rule: rule.into(),
            mend: mend.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure {
            path,
            line,
            rule,
            mend,
        } = self;
        write!(f, "{path}:{line}: {rule}\n    to mend it: {mend}")
    }
}

/// Every breach in one file of the repository.
pub(super) fn check(path: &str, text: &str) -> Vec<Failure> {
    if FOREIGN.contains(&path) {
        return Vec::new();
    }
    let mut failures = check_bans(path, text);
    if path.ends_with(".rs") {
        let layers = scan::layers(text);
        failures.extend(check_arrows(path, &layers));
        failures.extend(check_safety(path, &layers));
        failures.extend(check_type_names(path, &layers));
        failures.extend(check_statics(path, &layers));
        failures.extend(check_first_sentence(path, text));
        failures.extend(check_length(path, text));
    }
    failures
}

/// Whether a name may stand at the top of the repository.
pub(super) fn check_top_level(name: &str) -> Option<Failure> {
    (!TOP_LEVEL.contains(&name)).then(|| {
        Failure::new(
            name,
            1,
            "the top level of the repository is a fixed list",
            "put it into the folder of its kind (docs/architecture.md, \"Where do I put …?\")",
        )
    })
}

/// Whether a `.gitignore` of plain names keeps `path` out of the repository: `/name` at the top, `name` anywhere.
pub(super) fn is_ignored(gitignore: &str, path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or(path);
    let mut names = gitignore
        .lines()
        .map(|line| line.trim().trim_end_matches('/'));
    last == ".git"
        || names.any(|name| match name.strip_prefix('/') {
            Some(at_top) => at_top == path,
            None => name == last,
        })
}

/// Whether `path` is in `room`: the folder `src/lua`, or its file `src/lua.rs`.
fn is_in(path: &str, room: &str) -> bool {
    let rest = path.strip_prefix(room);
    rest.is_some_and(|rest| rest.starts_with('/') || rest == ".rs" || rest.is_empty())
}

fn is_in_any(path: &str, rooms: &[&str]) -> bool {
    rooms.iter().any(|room| is_in(path, room))
}

fn check_arrows(path: &str, layers: &Layers) -> Vec<Failure> {
    let grouped = scan::grouped_uses(&layers.code);
    let mut failures = Vec::new();
    for arrow in ARROWS {
        if !is_in_any(path, arrow.rooms) || is_in_any(path, arrow.except) {
            continue;
        }
        for word in arrow.words {
            let plain = find_word(&layers.code, word).map(|at| line_of(&layers.code, at));
            let in_groups = grouped
                .iter()
                .filter(|(_, named)| find_word(named, word).next().is_some())
                .map(|(line, _)| *line);
            let mut lines: Vec<usize> = plain.chain(in_groups).collect();
            lines.sort_unstable();
            lines.dedup();
            failures.extend(lines.into_iter().map(|line| {
                Failure::new(path, line, format!("{} (`{word}`)", arrow.rule), arrow.mend)
            }));
        }
    }
    failures
}

fn check_bans(path: &str, text: &str) -> Vec<Failure> {
    let mut failures = Vec::new();
    for ban in BANS {
        for word in ban.words {
            for at in find_word(text, word) {
                // `/name/` inside a longer path is not a path of a machine.
                let before = text[..at].chars().next_back();
                let is_inner_path = word.starts_with('/')
                    && before.is_some_and(|c| is_word(c) || matches!(c, '.' | '-' | '~' | '}'));
                if !is_inner_path {
                    failures.push(Failure::new(
                        path,
                        line_of(text, at),
                        format!("{} (`{word}`)", ban.rule),
                        ban.mend,
                    ));
                }
            }
        }
    }
    failures
}

/// Each unsafe block and implementation stands below a comment that says why it is sound.
fn check_safety(path: &str, layers: &Layers) -> Vec<Failure> {
    let code: Vec<&str> = layers.code.lines().collect();
    let comments: Vec<&str> = layers.comments.lines().collect();
    let is_explained = |line: usize| {
        for above in (0..=line).rev() {
            if comments[above].contains("SAFETY:") {
                return true;
            }
            let ends_statement = code[above].trim_end().ends_with([';', '{', '}']);
            if above < line && ends_statement {
                return false;
            }
        }
        false
    };
    let mut failures = Vec::new();
    for at in find_word(&layers.code, "unsafe") {
        let after = layers.code[at + "unsafe".len()..].trim_start();
        let needs_reason = after.starts_with('{') || after.starts_with("impl");
        let line = line_of(&layers.code, at);
        if needs_reason && !is_explained(line - 1) {
            failures.push(Failure::new(
                path,
                line,
                "each unsafe block says why it is sound",
                "put a `// SAFETY:` comment above it",
            ));
        }
    }
    failures
}

fn check_type_names(path: &str, layers: &Layers) -> Vec<Failure> {
    let mut failures = Vec::new();
    for keyword in ["struct", "enum", "union", "trait", "type"] {
        for at in find_word(&layers.code, keyword) {
            let after = layers.code[at + keyword.len()..].trim_start();
            let name: String = after.chars().take_while(|c| is_word(*c)).collect();
            let is_empty = EMPTY_NAMES.iter().any(|end| name.ends_with(end))
                || EMPTY_NAMES_WHOLE.contains(&name.as_str());
            if is_empty && !EMPTY_NAMES_ALLOWED.contains(&name.as_str()) {
                failures.push(Failure::new(
                    path,
                    line_of(&layers.code, at),
                    format!("a type name says what the thing is (`{name}`)"),
                    "name it in the terms of the field: what is it, to a modder or a game?",
                ));
            }
        }
    }
    failures
}

fn check_statics(path: &str, layers: &Layers) -> Vec<Failure> {
    if !is_in_any(path, CHANGEABLE_HELD) {
        return Vec::new();
    }
    let code = &layers.code;
    let is_item = |at: &usize| !code[..*at].ends_with('\'');
    let is_changeable = |at: &usize| {
        let declared = code[*at..]
            .split(['=', ';', '{'])
            .next()
            .unwrap_or_default();
        let mut names = declared.split(|c| !is_word(c));
        names.any(|name| CHANGEABLE.iter().any(|kind| name.starts_with(kind)))
    };
    find_word(code, "static")
        .filter(is_item)
        .filter(is_changeable)
        .map(|at| {
            Failure::new(
                path,
                line_of(code, at),
                "no static can change",
                "give the value an owner and pass it",
            )
        })
        .collect()
}

fn check_first_sentence(path: &str, text: &str) -> Option<Failure> {
    let paragraph: Vec<&str> = text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let paragraph = paragraph.join(" ");
    let starts_well = paragraph.starts_with(|c: char| c.is_uppercase() || matches!(c, '[' | '`'));
    let ends_well = paragraph.ends_with(['.', ':', '?', ')']);
    let is_sentence = starts_well && ends_well && paragraph.contains(' ');
    (!is_sentence).then(|| {
        Failure::new(
            path,
            1,
            "a file opens with one sentence of purpose",
            "start it with `//! What this file is for.`",
        )
    })
}

fn check_length(path: &str, text: &str) -> Option<Failure> {
    let lines = text.lines().count();
    (is_in_any(path, LINES_LIMITED) && lines > LINES_MAX).then(|| {
        Failure::new(
            path,
            lines,
            format!("a file has at most {LINES_MAX} lines"),
            "split it by concept; large tests go to a `tests` submodule or to tests/it",
        )
    })
}
