//! Tests of the reader: places, limits, and what is told once.

use super::*;

fn check(text: &str, read: fn(Section<'_>), expected: &[&str]) {
    let toml = TomlText::read(text.as_bytes(), "f.toml", 10_000).unwrap();
    read(toml.root());
    let lines: Vec<String> = toml
        .into_problems()
        .iter()
        .map(Problem::to_string)
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn what_is_asked_of_a_section_is_what_is_legal_in_it() {
    check(
        "size = 3\nszie = 4",
        |mut root| {
            let mut size = 0;
            root.whole("size", 0..=9, &mut size);
            assert_eq!(size, 3);
            root.finish();
        },
        &[
            "f.toml:2:1: has the unknown key `szie` (hint: did you mean `size`? the keys here are size)",
        ],
    );
}

#[test]
fn a_value_that_is_wrong_leaves_what_was_there() {
    check(
        "a = 'x'\nb = 12\nc = 1.5",
        |mut root| {
            let (mut a, mut b, mut c) = (true, 1_u8, 1_u8);
            root.boolean("a", &mut a);
            root.whole("b", 0..=9, &mut b);
            root.whole("c", 0..=9, &mut c);
            assert_eq!((a, b, c), (true, 1, 1));
        },
        &[
            "f.toml:1:5: sets `a` to a string, but it takes true or false (hint: write it without quotes)",
            "f.toml:2:5: sets `b` to 12, which is out of its range (hint: use a whole number from 0 to 9)",
            "f.toml:3:5: sets `c` to 1.5, which is out of its range (hint: use a whole number from 0 to 9)",
        ],
    );
}

#[test]
fn entries_come_in_the_order_of_the_file() {
    check(
        "b = 1\na = 2\n[z]\n[c]",
        |root| {
            let keys: Vec<&str> = root.entries().iter().map(|(key, _)| *key).collect();
            assert_eq!(keys, ["b", "a", "z", "c"]);
        },
        &[],
    );
}

#[test]
fn a_line_with_a_syntax_error_has_no_other_problem_and_nothing_is_called_missing() {
    check(
        "x = tru\ny = 1",
        |mut root| {
            root.required("id", "1");
            root.finish();
        },
        &[
            "f.toml:1:5: is not TOML here: invalid boolean, expected `true` (hint: put text and versions in quotes: \"1.0.0\")",
            "f.toml:2:1: has the unknown key `y` (hint: the keys here are id)",
        ],
    );
}

#[test]
fn keys_below_a_broken_header_belong_to_nobody() {
    check(
        "[order\nafter = 1\n[z]\nlast = 1",
        |mut root| {
            root.section("order").finish();
            root.section("z").finish();
            root.finish();
        },
        &[
            "f.toml:1:7: is not TOML here: unclosed table, expected `]`",
            "f.toml:4:1: has the unknown key `z.last` (hint: this section has no keys)",
        ],
    );
}

#[test]
fn columns_count_characters_and_end_where_nobody_counts() {
    let text = format!("é = 1 # {}\n\"ü\" = {{ x = 1 }}", "x".repeat(10));
    let toml = TomlText::read(text.as_bytes(), "f.toml", 10_000).unwrap();
    let at = text.rfind("x = 1").unwrap();
    assert_eq!(toml.place(at).to_string(), "f.toml:2:9");
    let long = format!("a = '{}'", "x".repeat(5000));
    let toml = TomlText::read(long.as_bytes(), "f.toml", 10_000).unwrap();
    assert_eq!(toml.place(4999).to_string(), "f.toml:1");
    assert_eq!(toml.place(usize::MAX).to_string(), "f.toml:1");
}

#[test]
fn a_file_over_its_limit_is_refused_unread() {
    let problem = TomlText::read(b"a = 1", "f.toml", 4).err().unwrap();
    assert_eq!(problem.code, Code::TOO_LARGE);
}

#[test]
fn after_many_problems_the_rest_is_counted() {
    let text: String = (0..150).map(|n| format!("k{n} = 1\n")).collect();
    let toml = TomlText::read(text.as_bytes(), "f.toml", 10_000).unwrap();
    toml.root().finish();
    let problems = toml.into_problems();
    assert_eq!(problems.len(), PROBLEMS_MAX + 1);
    let last = &problems[PROBLEMS_MAX];
    assert_eq!(last.because, "has 51 more problems, which are not listed");
}
