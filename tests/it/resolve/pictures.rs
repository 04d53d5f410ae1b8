//! The pictures of large folders: what may not be in them, whatever the mods are. `LOOK=FOLDER` writes them
//! there for people to see.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lunation::manifest::{Conflict, OrderHint};
use lunation::resolve::{Resolution, Rules, draw};

use super::drawing::assert_well_formed;
use super::manifests::{Found, bare, id, needing, read, resolved};
use super::picture::Picture;

/// A picture, checked: no box covers another one or leaves the sheet, and each mod is named once.
fn check(name: &str, resolution: &Resolution) -> Picture {
    let svg = draw::svg(resolution);
    if let Some(folder) = std::env::var_os("LOOK") {
        std::fs::write(Path::new(&folder).join(format!("{name}.svg")), &svg).unwrap();
    }
    checked(&svg, resolution)
}

fn checked(svg: &str, resolution: &Resolution) -> Picture {
    assert_well_formed(svg);
    let picture = Picture::read(svg);
    picture.assert_nothing_overlaps();
    let all = resolution.mods.keys().chain(resolution.rejected.keys());
    let expected: Vec<&str> = all
        .map(|id| id.as_str())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut named = picture.named.clone();
    named.sort_unstable();
    assert_eq!(named, expected);
    picture
}

/// The newest version of each mod in a real index, as a folder.
fn sample(count: usize) -> Option<Vec<Found>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/ckan-sample.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return None;
    };
    let mut newest: BTreeMap<String, (semver::Version, toml::Table)> = BTreeMap::new();
    for line in text.lines() {
        let mut mod_: toml::Table = serde_json::from_str(line).unwrap();
        let id = mod_["id"].as_str().unwrap().to_owned();
        let version: semver::Version = mod_["version"].as_str().unwrap().parse().unwrap();
        mod_.remove("game");
        for (name, versions) in mod_
            .remove("optional")
            .iter()
            .flat_map(|t| t.as_table().unwrap())
        {
            let mut table = toml::Table::new();
            table.insert("version".into(), versions.clone());
            table.insert("optional".into(), true.into());
            let needs = mod_
                .entry("dependencies")
                .or_insert(toml::Table::new().into());
            needs
                .as_table_mut()
                .unwrap()
                .entry(name.clone())
                .or_insert(table.into());
        }
        if newest.get(&id).is_none_or(|(other, _)| *other < version) {
            newest.insert(id, (version, mod_));
        }
    }
    // Some of them with all that they need.
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<String> = newest
        .keys()
        .step_by((newest.len() / count).max(1))
        .cloned()
        .collect();
    while wanted.len() < count
        && let Some(id) = open.pop()
    {
        if let Some((_, mod_)) = newest.get(&id)
            && wanted.insert(id)
        {
            let needs = mod_.get("dependencies").and_then(|needs| needs.as_table());
            let needs = needs.into_iter().flatten().filter(|(_, how)| how.is_str());
            open.extend(needs.map(|(name, _)| name.clone()));
        }
    }
    let found = newest.iter().filter(|(id, _)| wanted.contains(*id));
    Some(found.map(|(id, (_, mod_))| read(id, mod_)).collect())
}

/// A folder as real ones are: a few mods that many use, families around a core of their own, and many that
/// nobody needs. One in 40 needs something that is not there, a few have wishes, which may contradict each other.
fn community(count: usize) -> Resolution {
    const FAMILY: usize = 12;
    let mut random = 12_345_u64;
    let mut below = |limit: usize| {
        // Knuth's constants.
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % limit
    };
    let name = |n: usize| format!("mod-{n:04}");
    let found = (0..count).map(|n| {
        let mut needs: BTreeSet<usize> = BTreeSet::new();
        let core = n / FAMILY * FAMILY;
        if below(3) > 0 {
            // Of those that many use, the first is used most.
            needs.insert(below(20).min(below(20)).min(below(20)));
        }
        if below(2) == 0 {
            needs.insert(core + below(n % FAMILY + 1).min(below(4)));
        }
        if below(8) == 0 {
            needs.insert(below(n + 1) / FAMILY * FAMILY);
        }
        needs.retain(|other| *other < n);
        let mut needs: Vec<String> = needs.into_iter().map(name).collect();
        if below(40) == 0 {
            needs.push(format!("gone-{:02}", below(8)));
        }
        let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
        let mut found = needing(&name(n), &needs);
        if below(10) == 0 {
            let other = id(&name(core + below(FAMILY)));
            let place = found.manifest.place.clone();
            found
                .manifest
                .order
                .after
                .push(OrderHint { id: other, place });
        }
        found
    });
    let found: Vec<Found> = found.collect();
    resolved(&found, None, &Rules::default())
}

#[test]
fn a_community_of_200_mods_fits_on_a_sheet() {
    let resolution = community(200);
    let picture = check("community-200", &resolution);
    assert!(picture.boxes.len() < 160, "{}", picture.boxes.len());
    assert!(picture.width < 2_200.0 && picture.height < 2_200.0);
    assert_eq!(picture.arrows_through_boxes(), 0);
}

#[test]
fn a_community_of_2_000_mods_is_large_and_whole() {
    let resolution = community(2_000);
    let picture = check("community-2000", &resolution);
    assert!(picture.width < 8_000.0 && picture.height < 8_000.0);
    assert_eq!(picture.arrows_through_boxes(), 0);
}

#[test]
fn mods_that_need_the_same_share_a_box() {
    let mut found: Vec<Found> = (10..22)
        .map(|n| needing(&format!("leaf-{n}"), &["base"]))
        .collect();
    found.extend([bare("base"), bare("one"), bare("two")]);
    let resolution = resolved(&found, None, &Rules::default());
    let svg = draw::svg(&resolution);
    let picture = checked(&svg, &resolution);
    // What many use has a number, and so do those that use it.
    assert_eq!((picture.boxes.len(), picture.arrows.len()), (3, 0));
    assert!(svg.contains(">12 mods that need only<"), "{svg}");
    assert!(
        svg.contains(">2 mods that need no other, and that no other needs<"),
        "{svg}"
    );
    assert!(
        svg.contains("<a href=\"#base\"><title>base → leaf-10; base → leaf-11;"),
        "{svg}"
    );

    let view = draw::View::around(&resolution, &id("base"), 1).unwrap();
    let svg = draw::svg(view);
    let picture = Picture::read(&svg);
    assert_eq!((picture.boxes.len(), picture.arrows.len()), (2, 1), "{svg}");
}

#[test]
fn an_arrow_that_follows_from_others_is_left_out() {
    let found = [
        bare("aa"),
        needing("bb", &["aa"]),
        needing("cc", &["aa", "bb"]),
    ];
    let resolution = resolved(&found, None, &Rules::default());
    let svg = draw::svg(&resolution);
    assert_eq!(checked(&svg, &resolution).arrows.len(), 2);
    assert!(svg.contains("1 arrow follows from others"), "{svg}");
    assert!(
        svg.contains("cc 1.0.0 loads as number 3; needs aa, bb</title>"),
        "{svg}"
    );
}

#[test]
fn a_wish_stands_in_for_no_need() {
    let mut found = [
        bare("aa"),
        needing("bb", &["aa"]),
        needing("cc", &["aa", "bb"]),
    ];
    found[1].manifest.dependencies[0].optional = true;
    let resolution = resolved(&found, None, &Rules::default());
    assert_eq!(check("wish", &resolution).arrows.len(), 3);
}

#[test]
fn what_does_not_hold_is_drawn_with_its_reason() {
    let mut found = [bare("aa"), needing("bb", &["aa"])];
    let second = OrderHint {
        id: id("bb"),
        place: found[0].manifest.place.clone(),
    };
    found[0].manifest.order.after.push(second);
    let resolution = resolved(&found, None, &Rules::default());
    let svg = draw::svg(&resolution);
    assert_eq!(checked(&svg, &resolution).arrows.len(), 2);
    let reason = "<title>bb → aa: after (closes the circle `bb` → `aa` → `bb`)</title>";
    assert!(svg.contains(reason), "{svg}");
}

#[test]
fn a_root_cause_is_one_card_with_all_that_wait_for_it() {
    let names: Vec<String> = (100..200).map(|n| format!("user-{n}")).collect();
    let mut found: Vec<Found> = names.iter().map(|name| needing(name, &["lib"])).collect();
    found.push(needing("lib", &["gone"]));
    let resolution = resolved(&found, None, &Rules::default());
    let svg = draw::svg(&resolution);
    assert_eq!(checked(&svg, &resolution).boxes.len(), 1);
    assert!(svg.contains("100 mods wait for it:"), "{svg}");
}

#[test]
fn mods_that_all_exclude_each_other_are_drawn() {
    let mut found: Vec<Found> = (10..40).map(|n| bare(&format!("mod-{n}"))).collect();
    let conflicts: Vec<Conflict> = found
        .iter()
        .map(|found| Conflict {
            id: found.manifest.id.clone(),
            versions: "*".parse().unwrap(),
            reason: Some("漢字 and <tags>".to_owned()),
            place: found.manifest.place.clone(),
        })
        .collect();
    for (n, found) in found.iter_mut().enumerate() {
        found.manifest.conflicts = conflicts.clone();
        found.manifest.conflicts.remove(n);
    }
    check("conflicts", &resolved(&found, None, &Rules::default()));
}

#[test]
fn a_large_group_and_a_long_chain_are_drawn() {
    let name = |n: usize| format!("mod-{n:03}");
    let ring: Vec<Found> = (0..200)
        .map(|n| needing(&name(n), &[&name((n + 199) % 200)]))
        .collect();
    let picture = check("ring", &resolved(&ring, None, &Rules::default()));
    assert_eq!(picture.boxes.len(), 1);
    let rules = Rules {
        depth_max: usize::MAX,
        ..Rules::default()
    };
    let picture = check("chain", &resolved(&ring[..199], None, &rules));
    assert_eq!(picture.boxes.len(), 1);
    let mut chain = ring;
    chain[0] = bare(&name(0));
    let picture = check("chain", &resolved(&chain, None, &rules));
    assert_eq!((picture.boxes.len(), picture.arrows.len()), (200, 199));
}

#[test]
fn a_real_index_is_drawn() {
    for count in [50, 200, 591] {
        let Some(found) = sample(count) else { return };
        let resolution = resolved(&found, None, &Rules::default());
        let picture = check(&format!("ckan-{count}"), &resolution);
        assert!(picture.boxes.len() < count);
        assert_eq!(picture.arrows_through_boxes(), 0);
    }
}
