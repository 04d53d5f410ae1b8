//! Small sets of mods in several versions that speak about each other, and what users ask of them.

use std::collections::BTreeSet;

use lunation::manifest::{Conflict, Dependency, Provided, Requirement};
use lunation::resolve::{HostApi, Rules};
use lunation::{Code, Problem};
use proptest::prelude::*;
use semver::Version;

use super::manifests::{Found, bare, id};

const IDS: usize = 6;
/// The names that can be spoken of: those of the mods, and some that mods only provide.
const NAMES: [&str; IDS + 2] = ["m0", "m1", "m2", "m3", "m4", "m5", "api", "gui"];
const VERSIONS: [&str; 5] = ["1.0.0", "1.2.0", "2.0.0-rc.1", "2.0.0", "3.0.0-rc.1"];
const REQUIREMENTS: [&str; 7] = ["*", "*", "^1", ">=1.2", "<2", "^2", ">=2.0.0-rc.1"];
const GAMES: [&str; 2] = ["^1", "^2"];

/// One thing that a candidate says: what, about which name, with which versions.
type Said = (u8, usize, usize);

/// What a user asks, and for which game.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) rules: Rules,
    pub(crate) host: Option<HostApi>,
}

/// Several versions of some mods, which speak about each other.
pub(crate) fn folders() -> impl Strategy<Value = Vec<Found>> {
    let said = proptest::collection::vec((0_u8..16, 0..NAMES.len(), 0..REQUIREMENTS.len()), 0..4);
    let one = (0..IDS, 0..VERSIONS.len(), said);
    proptest::collection::vec(one, 1..14).prop_map(|all| {
        let mut known = BTreeSet::new();
        all.into_iter()
            .filter(|(mod_number, version, _)| known.insert((*mod_number, *version)))
            .map(|(mod_number, version, said)| candidate(mod_number, version, &said))
            .collect()
    })
}

fn candidate(mod_number: usize, version: usize, said: &[Said]) -> Found {
    let mut found = bare(NAMES[mod_number]);
    found.folder = format!("{}-{}", NAMES[mod_number], VERSIONS[version]);
    let manifest = &mut found.manifest;
    manifest.version = VERSIONS[version].parse().unwrap();
    let place = || manifest.place.clone();
    let mut known = BTreeSet::new();
    for &(what, about, versions) in said {
        let other = id(NAMES[about]);
        let requirement = REQUIREMENTS[versions].parse().unwrap();
        let kind = [2, 5, 7, 10].iter().filter(|from| what >= **from).count();
        let is_news = about != mod_number && known.insert((kind, about));
        match what {
            0 => {
                let error = Problem::error(Code::MISSING_ENTRY, "has no entry");
                found.error = Some(error.hint("write one"));
            }
            1 => {
                manifest.game = Some(Requirement {
                    versions: GAMES[versions % GAMES.len()].parse().unwrap(),
                    place: place(),
                });
            }
            _ if !is_news => {}
            2..5 => manifest.conflicts.push(Conflict {
                id: other,
                versions: requirement,
                reason: None,
                place: place(),
            }),
            5..7 => manifest.provides.push(Provided {
                id: other,
                version: Version::new(1 + (versions % 2) as u64, 0, 0),
                place: place(),
            }),
            _ => manifest.dependencies.push(Dependency {
                id: other,
                versions: requirement,
                optional: what < 10,
                reason: None,
                place: place(),
            }),
        }
    }
    found
}

pub(crate) fn asked() -> impl Strategy<Value = Asked> {
    let ids = |most| proptest::collection::btree_set(0..IDS, 0..most);
    let pins = proptest::collection::btree_map(0..IDS, 0..REQUIREMENTS.len(), 0..3);
    let wanted = proptest::option::weighted(0.4, ids(4));
    let switches = (proptest::bool::weighted(0.9), proptest::bool::weighted(0.8));
    let host = proptest::option::weighted(0.7, Just("1.0.0"));
    (ids(2), pins, wanted, switches, host).prop_map(|(disabled, pins, wanted, switches, host)| {
        let named = |ids: BTreeSet<usize>| ids.into_iter().map(|it| id(NAMES[it])).collect();
        let pin = |(it, versions): (usize, usize)| {
            (id(NAMES[it]), REQUIREMENTS[versions].parse().unwrap())
        };
        Asked {
            rules: Rules {
                validate_versions: switches.0,
                auto_resolve: switches.1,
                disabled: named(disabled),
                pins: pins.into_iter().map(pin).collect(),
                wanted: wanted.map(named),
                ..Rules::default()
            },
            host: host.map(|version| HostApi {
                name: "colony".to_owned(),
                version: version.parse().unwrap(),
            }),
        }
    })
}
