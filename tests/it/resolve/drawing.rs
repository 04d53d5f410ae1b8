//! The drawings of one folder that has everything, in `tests/resolve/drawn/`; `UPDATE_EXPECT=1` rewrites
//! them. And what a hostile or a large folder may not do to them.

use std::path::Path;

use lunation::manifest::Conflict;
use lunation::resolve::{Resolution, Rules, draw};

use super::manifests::{bare, needing, read, resolved};

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
version = "1.0.0"
"#;

fn everything() -> Resolution {
    let table: toml::Table = EVERYTHING.parse().unwrap();
    let found: Vec<_> = table
        .iter()
        .map(|(folder, table)| read(folder, table.as_table().unwrap()))
        .collect();
    resolved(&found, None, &Rules::default())
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

#[test]
fn in_a_picture_of_300_mods_no_box_covers_another() {
    let name = |n: usize| format!("mod-{n:03}");
    let found: Vec<_> = (0..300)
        .map(|n| match n % 3 {
            0 => bare(&name(n)),
            1 => needing(&name(n), &[&name(n / 2), &name(n / 3)]),
            _ => needing(&name(n), &[&name(n - 1)]),
        })
        .collect();
    let resolution = resolved(&found, None, &Rules::default());
    assert_eq!(resolution.order.len(), 300);
    let svg = draw::svg(&resolution);
    assert_well_formed(&svg);
    let boxes: Vec<[f64; 4]> = svg.lines().filter_map(rectangle).collect();
    assert_eq!(boxes.len(), 300);
    for (n, a) in boxes.iter().enumerate() {
        for b in &boxes[n + 1..] {
            let apart = a[0] + a[2] <= b[0]
                || b[0] + b[2] <= a[0]
                || a[1] + a[3] <= b[1]
                || b[1] + b[3] <= a[1];
            assert!(apart, "{a:?} {b:?}");
        }
    }
}

/// `x`, `y`, `width` and `height` of a mod's box in a line of a picture.
fn rectangle(line: &str) -> Option<[f64; 4]> {
    let (_, rest) = line.split_once("<rect class=\"box\" rx=\"5\" ")?;
    let numbers: Vec<f64> = rest
        .split('"')
        .skip(1)
        .step_by(2)
        .take(4)
        .map(|n| n.parse().unwrap())
        .collect();
    numbers.try_into().ok()
}

/// Each tag is closed in its turn, and every `&` begins an entity.
fn assert_well_formed(svg: &str) {
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
