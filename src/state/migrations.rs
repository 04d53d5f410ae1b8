//! [`Migrations`]: the files that bring a state from one version to the next, and which of them an image lacks.

use std::sync::Arc;

use crate::files::{ModFiles, is_script};
use crate::problem::{Code, Place, Problem};

use super::image::Image;
use super::replay::{NewCode, Replay};
use super::rule::decide;

/// The folder of a mod that has its migrations.
const FOLDER: &str = "migrations/";
/// The most digits that a number may have.
const DIGITS_MAX: usize = 9;

/// One file of a mod that changes an older state into the next version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The state version that it leads to, from 1.
    pub number: u32,
    /// The file, relative to the mod: `migrations/0002-split-stock.lua`.
    pub path: Arc<str>,
}

/// The migrations of a mod, in the order in which they run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrations(Vec<Migration>);

impl Migrations {
    /// The migrations among `files`, and what is wrong with their names: without a number there is no order,
    /// and of two with one number it can't be said which has run.
    ///
    /// ```
    /// use lunation::files::{ModFile, ModFiles};
    /// use lunation::state::Migrations;
    ///
    /// let mut files = ModFiles::new("economy");
    /// files.insert("migrations/0001-add-stock.lua", ModFile::text(&b"return function() end"[..]));
    /// files.insert("migrations/0002-split-stock.lua", ModFile::text(&b"return function() end"[..]));
    ///
    /// let (migrations, problems) = Migrations::of(&files);
    /// assert!(problems.is_empty());
    /// assert_eq!(migrations.state_version(), 2);
    /// assert_eq!(&*migrations.missing(1)[0].path, "migrations/0002-split-stock.lua");
    /// ```
    pub fn of(files: &ModFiles) -> (Migrations, Vec<Problem>) {
        let mut found: Vec<Migration> = Vec::new();
        let mut problems = Vec::new();
        for (path, _) in files.iter().filter(|(path, _)| is_migration(path)) {
            match migration_number(path) {
                Some(number) => found.push(Migration {
                    number,
                    path: path.clone(),
                }),
                None => problems.push(bad_name(&files.display_path(path))),
            }
        }
        // The sort is stable, so that of two with one number the first by name is the one that counts.
        found.sort_by_key(|migration| migration.number);
        found.dedup_by(|again, first| {
            let is_twice = again.number == first.number;
            if is_twice {
                problems.push(twice(&files.display_path(&again.path), first));
            }
            is_twice
        });
        (Migrations(found), problems)
    }

    /// The version of a state that all of them have run on: the highest number, 0 without any.
    pub fn state_version(&self) -> u32 {
        self.0.last().map_or(0, |newest| newest.number)
    }

    /// Those that a state of the version `from` has not had yet, in order.
    pub fn missing(&self, from: u32) -> &[Migration] {
        let first = self.0.partition_point(|known| known.number <= from);
        &self.0[first..]
    }
}

/// As [`replay()`](super::replay()), for a `live` that migrations have changed since the old code had it.
///
/// `base` and `again` have the shape from before the migrations, so they say nothing about `state`, nor
/// about slots that only `live` has: everything that is there in `live` stays, what only the new code has
/// is added, and nothing is in conflict.
pub fn replay_migrated(
    base: &Image,
    live: &Image,
    new: &Image,
    again: Option<&Image>,
    code: &dyn NewCode,
) -> Replay {
    decide([base, live, new], again, code, true)
}

/// Whether the file at `path`, relative to its mod, is a migration, or is meant to be one.
pub fn is_migration(path: &str) -> bool {
    path.starts_with(FOLDER) && is_script(path)
}

/// The number of the migration at `path`, relative to its mod; `None` if the name has none.
pub fn migration_number(path: &str) -> Option<u32> {
    let name = path.strip_prefix(FOLDER)?;
    let stem = name
        .strip_suffix(".lua")
        .or_else(|| name.strip_suffix(".luau"))?;
    let digits = stem.split('-').next().unwrap_or_default();
    let is_number = (1..=DIGITS_MAX).contains(&digits.len())
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && !stem.contains('/');
    let number = digits.parse().ok().filter(|_| is_number);
    number.filter(|number| *number > 0)
}

fn bad_name(file: &str) -> Problem {
    let because = "has a migration whose name has no number to order it by";
    Problem::error(Code::BAD_MIGRATION, because)
        .at(Place::file(file))
        .hint("name it by its number, from 1, and what it does, such as migrations/0002-split-stock.lua; other scripts belong below scripts/")
}

fn twice(file: &str, first: &Migration) -> Problem {
    let Migration { number, path } = first;
    let because = format!("has two migrations with the number {number}: this one and {path}");
    Problem::error(Code::BAD_MIGRATION, because)
        .at(Place::file(file))
        .hint("give the one that came later the next free number")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::ModFile;

    /// The numbers of the migrations that a state of the version `from` lacks, and where problems are.
    #[track_caller]
    fn check(paths: &[&str], from: u32, missing: &[u32], problems: &[&str]) {
        let mut files = ModFiles::new("economy");
        for path in paths {
            files.insert(*path, ModFile::text(&b""[..]));
        }
        let (migrations, found) = Migrations::of(&files);
        let numbers: Vec<u32> = migrations.missing(from).iter().map(|m| m.number).collect();
        assert_eq!(numbers, missing);
        let places = found.iter().filter_map(|problem| problem.place.as_ref());
        let places: Vec<String> = places.map(ToString::to_string).collect();
        assert_eq!(places, problems);
        assert_eq!(
            migrations.state_version(),
            numbers.last().copied().unwrap_or(from)
        );
    }

    #[test]
    fn migrations_run_by_number_and_not_by_name() {
        let paths = [
            "migrations/10-b.lua",
            "migrations/0009-c.luau",
            "migrations/2.lua",
        ];
        check(&paths, 0, &[2, 9, 10], &[]);
        check(&paths, 2, &[9, 10], &[]);
        check(&paths, 5, &[9, 10], &[]);
        check(&paths, 10, &[], &[]);
    }

    #[test]
    fn without_migrations_the_version_is_0() {
        check(&["scripts/0001-a.lua", "migrations/README.md"], 0, &[], &[]);
    }

    #[test]
    fn a_name_without_a_number_is_told_and_the_others_count() {
        for name in [
            "split",
            "0000-zero",
            "-1-x",
            "0001_x",
            "x-1",
            "1234567890",
            "old/0001-x",
        ] {
            let path = format!("migrations/{name}.lua");
            let place = format!("economy/{path}");
            check(&[&path, "migrations/0003-x.lua"], 0, &[3], &[&place]);
        }
    }

    #[test]
    fn of_two_with_one_number_the_second_is_told() {
        let paths = ["migrations/0001-a.lua", "migrations/1-b.lua"];
        check(&paths, 0, &[1], &["economy/migrations/1-b.lua"]);
    }
}
