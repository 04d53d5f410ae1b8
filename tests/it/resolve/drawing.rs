//! The drawings of one folder that has everything, in `tests/resolve/drawn/`; `UPDATE_EXPECT=1` rewrites
//! them. And what a hostile or a large folder may not do to them.

use std::path::Path;

use lunation::manifest::Conflict;
use lunation::resolve::{Resolution, Rules, draw};

use semver::VersionReq;

use super::manifests::{bare, id, needing, read, resolved};

const EVERYTHING: &str = r#"
[base]
version = "1.2.5"
[economy]
version = "1.4.0"
dependencies = { base = "^1.2", weather = { version = ">=2", optional = true, reason = "prices follow the season" } }
order = { after = ["terrain"] }
[weather]
version = "2.1.0"
dependencies = { sky-api = "^1", economy = { version = "*", optional = true } }
[heaven]
version = "0.9.0"
provides = { sky-api = "1.3.0" }
[hills]
provides = { terrain = "1.0.0" }
[cities]
dependencies = { roads = "*", base = "*" }
[roads]
dependencies = { bridges = "*" }
[bridges]
dependencies = { cities = "*" }
order = { before = ["base"] }
[traffic]
dependencies = { cities = ">=1" }
[hello]
[counter]
[inflation]
conflicts = { economy = { version = "<3", reason = "both replace <price>()" } }
[stocks]
dependencies = { inflation = "*" }
[lost]
dependencies = { island = "^4" }
["base (copy)"]
id = "base"
version = "1.2.5"
"#;

fn everything() -> Resolution {
    let table: toml::Table = EVERYTHING.parse().unwrap();
    let found: Vec<_> = table
        .iter()
        .map(|(folder, table)| read(folder, table.as_table().unwrap()))
        .collect();
    // Otherwise `inflation` would go first, because a mod needs it.
    let pins = [(id("economy"), VersionReq::STAR)];
    let rules = Rules {
        pins: pins.into(),
        ..Rules::default()
    };
    resolved(&found, None, &rules)
}

fn check(file: &str, drawn: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/resolve/drawn")
        .join(file);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, drawn).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        drawn,
        expected,
        "UPDATE_EXPECT=1 rewrites {}",
        path.display()
    );
}

#[test]
fn a_folder_that_has_everything_is_drawn_in_every_way() {
    let resolution = everything();
    check("everything.txt", &draw::text(&resolution));
    check("everything.dot", &draw::dot(&resolution));
    check("everything.mmd", &draw::mermaid(&resolution));
    check("everything.json", &format!("{}\n", draw::json(&resolution)));
    check("everything.svg", &draw::svg(&resolution));
}

#[test]
fn nothing_is_drawn_as_nothing() {
    let resolution = Resolution::default();
    assert_eq!(draw::text(&resolution), "no mod loads\n");
    assert_well_formed(&draw::svg(&resolution));
}

#[test]
fn words_of_a_mod_can_not_break_out_of_a_drawing() {
    let evil = "\"]}<script>alert(1)</script>&'`\\\n\u{202e}%%{init:{}}%%";
    let (mut bad, good) = (needing("bad", &["good"]), bare("good"));
    bad.manifest.dependencies[0].reason = Some(evil.to_owned());
    let mut worse = bare("worse");
    worse.manifest.conflicts.push(Conflict {
        id: good.manifest.id.clone(),
        versions: "*".parse().unwrap(),
        reason: Some(evil.to_owned()),
        place: good.manifest.place.clone(),
    });
    let mut copy = bare("good");
    copy.folder = format!("good {evil}");
    let resolution = resolved(&[bad, good, worse, copy], None, &Rules::default());
    assert_eq!(
        (
            resolution.order.len(),
            resolution.rejected.len(),
            resolution.duplicates.len()
        ),
        (2, 1, 1)
    );

    let svg = draw::svg(&resolution);
    assert_well_formed(&svg);
    assert!(!svg.contains("<script"), "{svg}");
    assert!(!draw::mermaid(&resolution).contains("<script"));
    assert!(!draw::mermaid(&resolution).contains("%%{"));
    let dot = draw::dot(&resolution);
    for line in dot.lines() {
        let quotes = line
            .replace("\\\\", "")
            .replace("\\\"", "")
            .matches('"')
            .count();
        assert_eq!(quotes % 2, 0, "{line}");
    }
    for drawn in [draw::text(&resolution), svg, dot] {
        assert!(!drawn.contains('\u{202e}'));
    }
}

/// What lies around `mod_id`, as text.
#[track_caller]
fn check_around(mod_id: &str, depth: usize, expected: &str) {
    let resolution = everything();
    let view = draw::View::around(&resolution, &id(mod_id), depth).unwrap();
    assert_eq!(draw::text(view), expected.trim_start());
}

#[test]
fn around_a_mod_is_what_it_needs_and_who_needs_it() {
    check_around(
        "economy",
        1,
        "
load order, 1 step around economy
   1  base     1.2.5  … 1 more before it, 1 more after it
   8  hills    1.0.0
   9* economy  1.4.0  needs base ^1.2, weather >=2 (optional, not for the order); after terrain (hills)
  11  weather  2.1.0  needs economy (optional)  … 1 more before it
rejected
     base  1.2.5  has the same id and version (1.2.5) in the folders `base (copy)` and `base`, of which `base` is used
",
    );
}

#[test]
fn around_a_mod_alone_is_what_was_left_out() {
    check_around(
        "heaven",
        0,
        "
load order, 0 steps around heaven
   6* heaven  0.9.0  … 1 more after it
",
    );
}

#[test]
fn around_one_of_a_group_is_the_group() {
    check_around(
        "roads",
        0,
        "
load order, 0 steps around roads
   2 ┌ bridges  1.0.0  needs cities  … 1 more after it
   3*│ roads    1.0.0  needs bridges
   4 └ cities   1.0.0  needs roads  … 1 more before it, 1 more after it
",
    );
}

#[test]
fn around_a_rejected_mod_are_its_causes() {
    check_around(
        "stocks",
        1,
        "
no mod loads, 1 step around stocks
rejected
     inflation  1.0.0  conflicts with `economy` <3, and there is `economy` 1.4.0: both replace <price>()
   * stocks     1.0.0  requires `inflation`, which is rejected
",
    );
}

#[test]
fn around_a_mod_is_drawn_in_every_way() {
    let resolution = everything();
    let around = draw::View::around(&resolution, &id("weather"), 1).unwrap();
    check("weather.dot", &draw::dot(around.clone()));
    check("weather.mmd", &draw::mermaid(around.clone()));
    check("weather.svg", &draw::svg(around.clone()));
    check("weather.json", &format!("{}\n", draw::json(around)));
}

#[test]
fn around_a_mod_that_is_not_there_is_nothing() {
    let resolution = everything();
    assert!(draw::View::around(&resolution, &id("wether"), 2).is_none());
}

/// Each tag is closed in its turn, and every `&` begins an entity.
pub(super) fn assert_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag
            .split_once('>')
            .unwrap_or_else(|| panic!("unclosed tag {tag}"));
        assert!(!text.contains('>'), "{text}");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split(' ').next().unwrap()),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
    for entity in svg.split('&').skip(1) {
        let name = entity.split(';').next().unwrap();
        assert!(
            ["amp", "lt", "gt", "quot", "#39"].contains(&name),
            "&{name};"
        );
    }
}
