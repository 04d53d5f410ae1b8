//! What a problem says, and how.

use super::*;

#[test]
fn a_problem_reads_as_one_line_with_place_reason_and_hint() {
    let problem = Problem::error(Code::UNKNOWN_KEY, "has the unknown key `nmae`")
        .of(&"economy".parse().unwrap())
        .at(Place::offset("economy/mod.toml", "id = 1\nnmae = 2", 7))
        .hint("did you mean `name`?");
    assert_eq!(
        problem.to_string(),
        "economy/mod.toml:2:1: has the unknown key `nmae` (hint: did you mean `name`?)"
    );
}

#[test]
fn text_of_a_mod_is_cut_and_can_not_forge_lines_or_direction() {
    assert_eq!(one_line("a\nb\u{202e}c\x1b[31m"), "a b c [31m");
    let long = one_line(&"é".repeat(TEXT_BYTES_MAX));
    assert!(long.len() <= TEXT_BYTES_MAX + '…'.len_utf8());
}

#[test]
fn codes_are_kebab_case_and_unique() {
    let mut seen = std::collections::BTreeSet::new();
    for code in Code::ALL {
        assert!(
            code.as_str()
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        );
        assert!(seen.insert(code.as_str()), "{code} twice");
    }
}
