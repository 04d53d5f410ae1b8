//! An index of mods that looks like a real one, made of a number: hubs, many versions, bounds, packs that
//! exclude each other, loops, and names that nobody has.

use std::fmt::Write;

/// Random numbers that are the same everywhere: splitmix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is more than 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn is_one_of(&mut self, hundred: usize) -> bool {
        self.below(100) < hundred
    }

    /// `count` of `all`, each at most once, in no particular order.
    pub(crate) fn some<T: Clone>(&mut self, all: &[T], count: usize) -> Vec<T> {
        let mut all = all.to_vec();
        for place in 0..count.min(all.len()) {
            let other = place + self.below(all.len() - place);
            all.swap(place, other);
        }
        all.truncate(count);
        all
    }
}

/// Versions of the game: 1.0 to 1.12. The newest versions of all mods are made for the last.
const GAMES: usize = 12;

/// Of so many mods in a hundred each.
const IN_A_PACK: usize = 12;
const WITH_A_CONFLICT: usize = 3;

/// The id of the mod with that number.
pub(crate) fn name(number: usize) -> String {
    format!("mod-{number:06}")
}

/// `mods` mods with up to `versions_max` versions each, as [`lunation::manifest::candidates`] reads them.
pub(crate) fn generated(mods: usize, versions_max: usize, seed: u64) -> String {
    let mut dice = Dice(seed);
    // Most mods have few versions, some have many.
    let versions = |dice: &mut Dice| {
        let most = 1 + dice.below(versions_max);
        1 + dice.below(most)
    };
    let counts: Vec<usize> = (0..mods).map(|_| versions(&mut dice)).collect();
    let mut index = String::new();
    for number in 0..mods {
        let relations = Relations::of(number, &counts, &mut dice);
        for version in 0..counts[number] {
            relations.write(version, &mut index);
        }
    }
    index
}

/// What all versions of one mod say, the later ones more of it.
struct Relations {
    number: usize,
    versions: usize,
    /// Key, name, requirement or version, and the first version that says so.
    said: Vec<(&'static str, String, String, usize)>,
}

impl Relations {
    fn of(number: usize, counts: &[usize], dice: &mut Dice) -> Relations {
        let versions = counts[number];
        let mut said = Vec::new();
        for _ in 0..dice.below(6).saturating_sub(1) {
            let (name, count) = needed(number, counts, dice);
            said.push((
                "dependencies",
                name,
                requirement(count, dice),
                dice.below(versions),
            ));
        }
        for _ in 0..dice.below(8).saturating_sub(4) {
            let other = dice.below(counts.len());
            said.push((
                "optional",
                name(other),
                requirement(counts[other], dice),
                dice.below(versions),
            ));
        }
        let is_hub = number < hubs(counts.len());
        if dice.is_one_of(IN_A_PACK) && !is_hub {
            let pack = format!("pack-{:04}", dice.below(counts.len() / 50 + 1));
            said.push(("provides", pack.clone(), "1.0.0".to_owned(), 0));
            said.push(("conflicts", pack, "*".to_owned(), 0));
        }
        if dice.is_one_of(WITH_A_CONFLICT) {
            let other = dice.below(counts.len());
            said.push((
                "conflicts",
                name(other),
                "*".to_owned(),
                dice.below(versions),
            ));
        }
        said.retain(|(_, other, ..)| *other != name(number));
        Relations {
            number,
            versions,
            said,
        }
    }

    fn write(&self, version: usize, index: &mut String) {
        let oldest = version * GAMES / self.versions;
        let newest = match version + 1 == self.versions {
            true => GAMES,
            false => (oldest + 3).min(GAMES),
        };
        write!(
            index,
            "{{\"id\": \"{}\", \"version\": \"{}.0.0\", \"game\": \">=1.{oldest}.0, <=1.{newest}.99\"",
            name(self.number),
            version + 1,
        )
        .unwrap();
        for key in ["dependencies", "optional", "conflicts", "provides"] {
            let said = self.said.iter();
            let said = said.filter(|(what, _, _, since)| *what == key && *since <= version);
            let said: Vec<String> = said
                .map(|(_, name, value, _)| format!("\"{name}\": \"{value}\""))
                .collect();
            if !said.is_empty() {
                write!(index, ", \"{key}\": {{{}}}", said.join(", ")).unwrap();
            }
        }
        index.push_str("}\n");
    }
}

/// The mods that others need most: the first ones.
fn hubs(mods: usize) -> usize {
    mods.isqrt() / 2 + 1
}

/// A name that the mod with that number depends on, and how many versions it has.
fn needed(number: usize, counts: &[usize], dice: &mut Dice) -> (String, usize) {
    let other = match dice.below(1000) {
        _ if number < hubs(counts.len()) => dice.below(number + 1),
        0..=2 => return (format!("nobody-{:04}", dice.below(1000)), 1),
        3..=30 => return (format!("pack-{:04}", dice.below(counts.len() / 50 + 1)), 1),
        // Hubs, and of those the first most of all.
        31..=800 => {
            let hub = 1 + dice.below(hubs(counts.len()));
            dice.below(hub)
        }
        801..=990 => dice.below(number + 1),
        _ => dice.below(counts.len()),
    };
    (name(other), counts[other])
}

fn requirement(count: usize, dice: &mut Dice) -> String {
    match dice.below(20) {
        0..=1 => format!(">={}.0.0", 1 + dice.below(count)),
        2 => format!("<={}.0.0", 1 + dice.below(count)),
        _ => "*".to_owned(),
    }
}
