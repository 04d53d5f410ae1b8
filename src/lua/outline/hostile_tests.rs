//! Sources that nobody would write: no outline, or any, but soon, and never a panic.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::random_program::program;
use super::*;

const DIALECTS: [Dialect; 3] = [Dialect::Luau, Dialect::Lua54, Dialect::LuaJit];

/// Reads `source` in every dialect, and remakes all that is found.
fn exercise(source: &[u8]) {
    for dialect in DIALECTS {
        let Some(outline) = outline_as(source, dialect) else {
            continue;
        };
        for (id, function) in outline.functions().take(20) {
            assert_eq!(outline.by_place(&function.place), Some(id));
            let names = function.upvalues.iter();
            let names: Vec<&str> = names.map(|id| &*outline.variable(*id).name).collect();
            let _ = outline.remake(source, id, &names, &|_| true);
            let _ = outline.remake(source, id, &names[..names.len() / 2], &|_| false);
        }
    }
}

/// How much source is made of one part.
const MANY_BYTES: usize = 256 << 10;

/// Reads `part` many times over, inside a small stack, in bounded time.
fn exercise_many(part: &str) {
    let source = part.repeat(MANY_BYTES / part.len());
    let started = Instant::now();
    let reader = std::thread::Builder::new().stack_size(2 << 20);
    let read = reader.spawn(move || {
        for dialect in DIALECTS {
            outline_as(source.as_bytes(), dialect);
        }
    });
    read.unwrap().join().unwrap();
    let took = started.elapsed();
    assert!(took < Duration::from_secs(5), "{part}: {took:?}");
}

#[test]
fn a_source_full_of_anything_is_read_or_refused_soon() {
    for part in [
        "(",
        "{",
        "[",
        "((",
        "function()",
        "function f()",
        "f(",
        "f{",
        "x[",
        "local a = {{",
        "if a then ",
        "do ",
        "repeat ",
        "while a do ",
        "for i=1,2 do ",
        "`{",
        "`{`",
        "{{`{",
        "a = b ",
        "a = ",
        "a.",
        "a..",
        "- ",
        "not ",
        "a,",
        "a.b,",
        "(a)",
        "<",
        ">",
        "a<",
        "a<<",
        ":: ",
        "a::b ",
        "f()::a<",
        "type a = ",
        "type a<",
        "type a = (",
        "type a = {",
        "type a = b | ",
        "local a: ",
        "@a ",
        "@[",
        "local a ",
        "local a,",
        "local a = a ",
        "local a = 1 ",
        "local a <const> = 1 ",
        "--[==",
        "--[[",
        "[==[",
        "[[",
        "]==",
        "'",
        "\"\\z",
        "\\",
        "\n",
        "\r",
        "-",
        "0x",
        "1e+",
        "1..",
        "return ",
        "::a:: ",
        "goto a ",
        "end ",
        "if a then elseif ",
        "local function a() end ",
        "function a() return a end ",
        "function a:b() end ",
        "f(function() end) ",
        "f('a', function() end) ",
        "a = function() end ",
        "local a a = function() return a end ",
        "{a=",
        "return {a={",
        "if a then b else ",
        "export type ",
        "type function f() ",
        "const a = ",
        "continue ",
        "\u{e9}",
        "é = ",
        "a;",
        "aa bb ",
        "if x then x ",
    ] {
        exercise_many(part);
    }
}

#[test]
fn long_names_and_deep_nesting_do_not_add_up() {
    let name = "n".repeat(900);
    let nested = format!("function {name}() ").repeat(300) + &" end".repeat(300);
    assert!(
        outline(nested.as_bytes()).is_none(),
        "the places are too long"
    );
    let depth = 60;
    let callbacks = "on(function() ".repeat(depth) + &"f(function() end) ".repeat(20_000);
    let callbacks = callbacks + &"end) ".repeat(depth);
    assert!(
        outline(callbacks.as_bytes()).is_none(),
        "all places together are too long"
    );
    let fine = "on(function() ".repeat(depth) + &"end) ".repeat(depth);
    assert!(outline(fine.as_bytes()).is_some());
}

#[test]
fn a_zero_byte_and_too_much_source_are_refused() {
    assert!(outline(b"local a = '\0'").is_none());
    assert!(outline(&vec![b' '; SOURCE_BYTES_MAX]).is_some());
    assert!(outline(&vec![b' '; SOURCE_BYTES_MAX + 1]).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn every_part_of_a_program_is_read_or_refused(
        choices in proptest::collection::vec(any::<u8>(), 0..120),
        start in any::<prop::sample::Index>(),
    ) {
        let source = program(Dialect::Luau, &choices);
        let start = start.index(source.len() + 1);
        for end in start..=source.len() {
            exercise(&source.as_bytes()[start..end]);
        }
    }

    #[test]
    fn bytes_are_read_or_refused(source in proptest::collection::vec(any::<u8>(), 0..400)) {
        exercise(&source);
    }

    #[test]
    fn tokens_in_any_order_are_read_or_refused(
        tokens in proptest::collection::vec(prop::sample::select(TOKENS), 0..60)
    ) {
        exercise(tokens.join(" ").as_bytes());
        exercise(tokens.concat().as_bytes());
    }
}

const TOKENS: &[&str] = &[
    "a", "b", "self", "_ENV", "type", "export", "continue", "const", "goto", "typeof", "and",
    "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while", "1", "0x1p-3", "'s'",
    "[[l]]", "[=[", "]=]", "`", "`a{", "}`", "{", "}", "(", ")", "[", "]", "<", ">", "<<", ">>",
    "=", "==", "+=", "..", "...", ".", ":", "::", ",", ";", "->", "@", "?", "|", "&", "~", "#",
    "-", "//", "--", "--[[", "\n", "\\",
];
