//! Stories of migrations on images with several slots, and of their limits.

use super::*;
use crate::files::{ModFile, ModFiles};
use crate::lua::tests::vm_of;
use crate::settings::Limits;
use crate::state::{Migrations, diff, replay_migrated};

const LIMITS: CaptureLimits = CaptureLimits {
    bytes_max: 1 << 20,
    entries_max: 1 << 16,
};

/// The slots that the tests have, all in the globals of a VM.
const SLOTS: [&str; 4] = [STATE, "a: count", "b: total", "c: shared"];

/// A VM of the state version `version` that has loaded the files; `migrations/` among them.
fn loaded(files: &[(&str, &str)], limits: Limits) -> (Vm, Migrations) {
    let mut all = vec![("scripts/main.lua", "")];
    all.extend(files);
    let mut mod_files = ModFiles::new("test");
    for (path, text) in &all {
        mod_files.insert(*path, ModFile::text(text.as_bytes().to_vec()));
    }
    let (vm, _) = vm_of(&all, limits);
    vm.run_entry().unwrap();
    let (migrations, problems) = Migrations::of(&mod_files);
    assert_eq!(problems, []);
    vm.set_state_version(migrations.state_version());
    (vm, migrations)
}

/// The image of what `code` returns: a table with a value for each slot that it is to have.
fn image_of(code: &str) -> Image {
    let lua = mlua::Lua::new();
    let holder: Table = lua.load(code).eval().unwrap();
    let names = SLOTS
        .iter()
        .filter(|name| holder.contains_key(**name).unwrap());
    let slots: Vec<Slot> = names.map(|name| slot(&holder, name)).collect();
    carry::capture(&lua, &slots, None, LIMITS, 0).unwrap().image
}

/// Runs one migration on an image, and compares what comes of it with another.
#[track_caller]
fn check(old: &str, migration: &str, expected: &str) -> Image {
    let (vm, migrations) = loaded(&[("migrations/0001-x.lua", migration)], Limits::default());
    let migrated = vm.migrate(&image_of(old), migrations.missing(0), LIMITS);
    let Migrated {
        image,
        uncarryable,
        times,
    } = migrated.unwrap_or_else(|why| panic!("{}", words(why)));
    let expected = image_of(expected);
    assert!(image.is_same(&expected), "{:?}", diff(&expected, &image, 9));
    assert_eq!(
        (image.state_version(), uncarryable.len(), times.len()),
        (1, 0, 1)
    );
    image
}

fn words(why: MigrateError) -> String {
    match why {
        MigrateError::Problem(problem) => format!("{} {problem}", problem.code),
        MigrateError::Apply(why) => why.to_string(),
        MigrateError::Capture(why) => why.to_string(),
    }
}

/// Why migrations are refused.
fn refused(files: &[(&str, &str)], limits: Limits) -> String {
    let (vm, migrations) = loaded(files, limits);
    let migrated = vm.migrate(
        &image_of("return { state = {} }"),
        migrations.missing(0),
        LIMITS,
    );
    words(migrated.err().expect("it is refused"))
}

#[test]
fn a_migration_may_rename_a_slot() {
    check(
        "return { state = {}, ['a: count'] = 7 }",
        "return function(state, slots)
            slots['b: total'] = slots['a: count']
            slots['a: count'] = nil
        end",
        "return { state = {}, ['b: total'] = 7 }",
    );
}

#[test]
fn a_migration_may_claim_a_slot_that_would_be_dropped() {
    check(
        "return { state = { gold = 5 }, ['a: count'] = { 1, 2 } }",
        "return function(state, slots)
            state.counts = slots['a: count']
            slots['a: count'] = nil
        end",
        "return { state = { gold = 5, counts = { 1, 2 } } }",
    );
}

#[test]
fn what_state_and_slots_share_stays_shared() {
    check(
        "local orc = { hits = 3 } orc.self = orc
        return { state = { orc = orc }, ['c: shared'] = { orc } }",
        "return function(state, slots)
            assert(rawequal(state.orc, slots['c: shared'][1]))
            state.orc.hits = 4
        end",
        "local orc = { hits = 4 } orc.self = orc
        return { state = { orc = orc }, ['c: shared'] = { orc } }",
    );
}

#[test]
fn a_state_that_is_not_there_is_an_empty_one() {
    check(
        "return {}",
        "return function(state) state.gold = 5 end",
        "return { state = { gold = 5 } }",
    );
}

#[test]
fn a_renamed_slot_is_no_conflict_and_one_that_nobody_touched_follows_the_rule() {
    let base = image_of("return { state = {}, ['a: count'] = 0, ['c: shared'] = 1 }");
    let live = check(
        "return { state = {}, ['a: count'] = 7, ['c: shared'] = 1 }",
        "return function(state, slots)
            slots['b: total'] = slots['a: count']
            slots['a: count'] = nil
        end",
        "return { state = {}, ['b: total'] = 7, ['c: shared'] = 1 }",
    );
    let new = image_of("return { state = {}, ['b: total'] = 0, ['c: shared'] = 2 }");
    let report = replay_migrated(&base, &live, &new, Some(&base), &()).report;
    let names = |paths: crate::state::Paths| paths.names.iter().map(ToString::to_string).collect();
    let [replaced, conflicts, dropped]: [Vec<String>; 3] =
        [report.replaced, report.conflicts, report.dropped].map(names);
    assert_eq!(replaced, ["c: shared"]);
    assert!(conflicts.is_empty() && dropped.is_empty());
}

#[test]
#[cfg(feature = "luau")]
fn the_time_limit_holds_for_all_migrations_together() {
    let paths: Vec<String> = (1..200).map(|n| format!("migrations/{n}.lua")).collect();
    let slow = "return function() for i = 1, 2e6 do end end";
    let files: Vec<(&str, &str)> = paths.iter().map(|path| (&**path, slow)).collect();
    let limits = Limits {
        load_time: 150,
        ..Limits::default()
    };
    let why = refused(&files, limits);
    assert!(why.starts_with("time-limit test/migrations/"), "{why}");
}

#[test]
fn a_migration_that_wants_too_much_memory_is_refused() {
    let limits = Limits {
        memory: 4 * 1024 * 1024,
        ..Limits::default()
    };
    let bomb = "return function(state) for i = 1, 1e8 do state[i] = { i } end end";
    let why = refused(&[("migrations/1.lua", bomb)], limits);
    assert!(
        why.starts_with("memory-limit test/migrations/1.lua"),
        "{why}"
    );
}

#[test]
fn a_migration_sees_the_modules_of_the_mod() {
    let files = [
        ("scripts/rates.lua", "return { gold = 100 }"),
        (
            "migrations/1.lua",
            "return function(state) error('gold is ' .. require('rates').gold, 0) end",
        ),
    ];
    let why = refused(&files, Limits::default());
    assert!(why.contains("in migrations/1.lua: gold is 100"), "{why}");
}
