//! `docs/reference/problems.md` has one heading for each code, and none without a code.

use std::path::Path;

use lunation::problem::Code;

#[test]
fn each_code_has_its_heading_in_the_reference_in_the_same_order() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/problems.md");
    let page = std::fs::read_to_string(page).unwrap();
    let headings: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(
        headings, codes,
        "docs/reference/problems.md (left) and src/problem.rs"
    );
}
