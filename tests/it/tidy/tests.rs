//! Tests of the checker itself: a rule that can't fail is worth nothing.

use super::rules::{check, check_top_level, is_ignored};
use super::{ARROWS, BANS, EMPTY_NAMES, EMPTY_NAMES_WHOLE, LINES_MAX, TOP_LEVEL};

/// The breaches of `body`, under a good first line, as "line: rule".
fn breaches(path: &str, body: &str) -> Vec<String> {
    let text = format!("//! A snippet for tests.\n{body}");
    let failures = check(path, &text);
    failures
        .into_iter()
        .map(|f| format!("{}: {}", f.line, f.rule))
        .collect()
}

#[track_caller]
fn assert_bad(path: &str, body: &str, expected: &str) {
    let found = breaches(path, body);
    assert!(
        found.iter().any(|breach| breach.contains(expected)),
        "expected {expected:?} in {path}, found {found:?}"
    );
}

#[track_caller]
fn assert_good(path: &str, body: &str) {
    assert_eq!(breaches(path, body), [""; 0], "in {path}");
}

#[test]
fn every_word_of_every_arrow_is_found_in_every_room_that_it_holds_in() {
    for arrow in ARROWS {
        for room in arrow.rooms {
            for word in arrow.words {
                let snippet = format!("fn f() {{\n    x = {word} ;\n}}\n");
                assert_bad(
                    &format!("{room}/x.rs"),
                    &snippet,
                    &format!("3: {}", arrow.rule),
                );
            }
        }
        for room in arrow.except {
            let word = arrow.words[0];
            let rules = breaches(&format!("{room}/x.rs"), word);
            assert!(
                !rules.iter().any(|found| found.contains(arrow.rule)),
                "{room} should be free of: {}",
                arrow.rule
            );
        }
    }
}

#[test]
fn every_banned_word_is_found_in_code_comments_and_documents() {
    for word in BANS.iter().flat_map(|ban| ban.words) {
        for path in ["src/a.rs", "docs/a.md", "mods/a/mod.toml", ".ci/run"] {
            assert_bad(
                path,
                &format!("// see {word} here"),
                &format!("2: {}", rule_of(word)),
            );
        }
    }
}

fn rule_of(word: &str) -> &'static str {
    let ban = BANS.iter().find(|ban| ban.words.contains(&word));
    ban.expect("a word of the table").rule
}

#[test]
fn a_group_in_a_use_line_hides_nothing() {
    let path = "src/manager/x.rs";
    assert_bad(
        path,
        "use std::{\n    fs,\n    io::Read,\n};\n",
        "2: only disk",
    );
    assert_bad(
        path,
        "use std::{io::{self, Read}, fs::{self}};\n",
        "2: only disk",
    );
    assert_bad(
        "src/lua/x.rs",
        "use crate::{value::Value, disk::read};\n",
        "2: lua never",
    );
    assert_good(path, "use std::{io::{self, Read}, path::Path};\n");
}

#[test]
fn comments_and_strings_may_name_anything() {
    let body = r###"
        // mlua, std::fs and unsafe are named here; println! too.
        /* and here: /* thread::sleep */ mlua */
        /// `Instant::now` is not for us.
        fn f<'a>(x: &'a str) -> char {
            let quote = '"'; let escaped = '\''; let byte = b'"';
            g("mlua \" std::fs", r#"unsafe " todo!"#, b"println!", br"dbg!", "\\");
            '\u{7f}'
        }
    "###;
    assert_good("src/reload/x.rs", body);
    assert_bad(
        "src/reload/x.rs",
        &format!("{body} use mlua::Lua;"),
        "11: only lua names",
    );
    assert_bad(
        "src/reload/x.rs",
        "let a = \"\\\\\"; mlua",
        "2: only lua names",
    );
}

#[test]
fn a_word_inside_a_longer_word_is_another_word() {
    assert_good(
        "src/reload/x.rs",
        "fn notify_all() { mlua_like(); unsafe_op(); InstantReplay }",
    );
    assert_good(
        "src/manager/x.rs",
        "lines_from_fs::read(); let sprint = pprintln!();",
    );
    assert_good(
        "docs/x.md",
        "The mod MAIN said: the reagent is in a/home/b and REPAIR.",
    );
}

#[test]
fn unsafe_blocks_need_a_reason_and_unsafe_functions_do_not() {
    let path = "src/lua/raw/x.rs";
    let rule = "each unsafe block";
    assert_bad(path, "fn f() {\n    unsafe { g() }\n}\n", rule);
    assert_bad(path, "unsafe impl Send for X {}\n", rule);
    assert_bad(
        path,
        "// SAFETY: far away.\nfn g() {}\nfn f() {\n    unsafe { g() }\n}\n",
        rule,
    );
    assert_bad(
        path,
        "fn f() {\n    // It is fine.\n    unsafe { g() }\n}\n",
        rule,
    );
    assert_good(
        path,
        "fn f() {\n    // SAFETY: g is sound\n    // here.\n    unsafe { g() }\n}\n",
    );
    assert_good(
        path,
        "fn f() {\n    // SAFETY: g is sound.\n    let x =\n        unsafe { g() };\n}\n",
    );
    assert_good(path, "unsafe fn f() {}\nunsafe extern \"C\" {}\n");
}

#[test]
fn type_names_that_say_nothing_are_found_and_the_one_manager_is_allowed() {
    let rule = "a type name says what";
    for name in EMPTY_NAMES {
        assert_bad(
            "src/x.rs",
            &format!("pub(crate) struct File{name}<T>(T);\n"),
            rule,
        );
        assert_bad("tests/it/x.rs", &format!("enum {name} {{ A }}\n"), rule);
    }
    for name in EMPTY_NAMES_WHOLE {
        assert_bad("src/x.rs", &format!("trait {name} {{}}\n"), rule);
    }
    assert_bad("src/x.rs", "struct StateManager;\n", rule);
    assert_good(
        "src/x.rs",
        "pub struct ModManager; struct Database; fn f(d: UserData) {}\n",
    );
}

#[test]
fn a_static_that_can_change_is_found_and_a_constant_table_is_not() {
    let rule = "no static can change";
    assert_bad(
        "src/x.rs",
        "static N: AtomicUsize = AtomicUsize::new(0);\n",
        rule,
    );
    assert_bad(
        "src/x.rs",
        "pub static X:\n    Option<Mutex<u8>> = None;\n",
        rule,
    );
    assert_bad(
        "src/x.rs",
        "static CELL: std::sync::OnceLock<u8> = OnceLock::new();\n",
        rule,
    );
    assert_good(
        "src/x.rs",
        "static T: &[&str] = &[];\nfn f(x: &'static Mutex<u8>) {}\n",
    );
    assert_good(
        "tests/bench/x.rs",
        "static N: AtomicUsize = AtomicUsize::new(0);\n",
    );
}

#[test]
fn a_file_opens_with_a_sentence() {
    let breaks = |text: &str| {
        let failures = check("src/x.rs", text);
        failures
            .iter()
            .any(|f| f.rule.contains("opens with one sentence"))
    };
    assert!(breaks("use std::fmt;\n"));
    assert!(breaks(""));
    assert!(breaks("\n//! Too late.\n"));
    assert!(breaks("//!\n//! Too late.\n"));
    assert!(breaks("//! no capital, no end\n"));
    assert!(breaks("//! Utilities.\n"));
    assert!(!breaks(
        "//! What a mod says of itself, with\n//! a place for each.\n"
    ));
    assert!(!breaks("//! [`Value`]: a Lua value.\n//!\n//! More\n"));
}

#[test]
fn a_long_file_is_found_where_lines_are_limited() {
    let lines = |n: usize| "//! As long as it gets.\n".repeat(n);
    let rule = "a file has at most";
    assert!(check("src/x.rs", &lines(LINES_MAX)).is_empty());
    let failures = check("tests/it/x.rs", &lines(LINES_MAX + 1));
    assert!(failures.iter().any(|f| f.rule.contains(rule)));
    assert!(check("docs/examples/x.rs", &lines(LINES_MAX + 1)).is_empty());
}

#[test]
fn the_top_level_is_closed_and_ignored_names_are_not_looked_at() {
    assert!(TOP_LEVEL.iter().all(|name| check_top_level(name).is_none()));
    assert!(check_top_level("notes.md").is_some());
    let gitignore = "/target/\n/config\n.lunation/\n";
    for path in ["target", "config", ".lunation", "mods/.lunation", ".git"] {
        assert!(is_ignored(gitignore, path), "{path}");
    }
    assert!(!is_ignored(gitignore, "src/config"));
    assert!(!is_ignored(gitignore, ""));
}

#[test]
fn a_breach_says_where_it_is_and_how_to_mend_it() {
    let failures = check(
        "src/disk/x.rs",
        "//! A snippet for tests.\nuse crate::lua::Vm;\n",
    );
    assert_eq!(
        failures[0].to_string(),
        "src/disk/x.rs:2: disk never names lua (`crate::lua`)\n    to mend it: return bytes or ModFiles; the manager joins the two"
    );
}
