//! Random states: what is captured comes back; the rule agrees with a plain recursive one; no bytes do harm.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use mlua::{Lua, Table};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::state::{self, BadImage};

const LIMITS: CaptureLimits = CaptureLimits {
    bytes_max: 1 << 20,
    entries_max: 1 << 16,
};

/// A slot `state` in a table of its own.
fn slot(lua: &Lua, value: Value) -> Slot {
    let holder = lua.create_table().unwrap();
    holder.raw_set("state", value).unwrap();
    Slot {
        name: "state".into(),
        label: None,
        holder,
        key: "state".into(),
    }
}

fn take(lua: &Lua, slot: &Slot) -> Captured {
    capture(lua, std::slice::from_ref(slot), None, LIMITS, 7).unwrap()
}

/// Replays `live` onto an empty state in a new VM, and captures what comes of it.
fn restore(live: &Image) -> Result<Image, ApplyError> {
    let lua = Lua::new();
    let slot = slot(&lua, Value::Table(lua.create_table().unwrap()));
    let new = take(&lua, &slot);
    let replay = state::replay(&new.image, live, &new.image, None, &());
    apply(&lua, None, &new, &replay, live)?;
    Ok(take(&lua, &slot).image)
}

/// A key or value of a random graph, as Lua code; tables are `t[n]`.
fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("true".into()),
        Just("false".into()),
        any::<f64>().prop_map(|n| match n.is_finite() {
            true => format!("{n:?}"),
            false => "1/0".into(),
        }),
        (-3i32..9).prop_map(|n| n.to_string()),
        any::<i32>().prop_map(|n| n.to_string()),
        "[a-c]{0,2}".prop_map(|text| format!("'{text}'")),
        vec(any::<u8>(), 0..9).prop_map(|bytes| {
            let escaped = bytes.iter().fold(String::new(), |mut text, byte| {
                write!(text, "\\{byte:03}").unwrap();
                text
            });
            format!("'{escaped}'")
        }),
        (200usize..400).prop_map(|len| format!("('long'):rep({len})")),
    ]
}

/// Tables by number, each with entries that may lead to any of them.
fn graph() -> impl Strategy<Value = String> {
    let node = |count: usize| (0..count).prop_map(|n| format!("t[{n}]"));
    let entries = (1usize..12).prop_flat_map(move |count| {
        let value = prop_oneof![3 => leaf(), 2 => node(count)];
        let key = prop_oneof![6 => leaf(), 1 => node(count)];
        (Just(count), vec((0..count, key, value), 0..60))
    });
    entries.prop_map(|(count, entries)| {
        let mut code = String::from("local t = {}\n");
        for n in 0..count {
            writeln!(code, "t[{n}] = {{ id = {n} }}").unwrap();
        }
        for (table, key, value) in entries {
            writeln!(code, "t[{table}][{key}] = {value}").unwrap();
        }
        code + "return t[0]"
    })
}

/// A state without shared tables: what the plain rule can deal with.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Number(u8),
    Text(&'static str),
    Table(Vec<Tree>, BTreeMap<&'static str, Tree>),
}

fn tree() -> BoxedStrategy<Tree> {
    let leaf = prop_oneof![
        (0u8..3).prop_map(Tree::Number),
        prop_oneof![Just("x"), Just("y")].prop_map(Tree::Text),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| table(inner.boxed()).boxed())
        .boxed()
}

fn table(inner: BoxedStrategy<Tree>) -> impl Strategy<Value = Tree> {
    let key = prop_oneof![Just("a"), Just("b"), Just("c"), Just("not a name")];
    (vec(inner.clone(), 0..3), btree_map(key, inner, 0..4))
        .prop_map(|(array, entries)| Tree::Table(array, entries))
}

impl Tree {
    fn to_lua(&self, lua: &Lua) -> Value {
        match self {
            Tree::Number(n) => Value::Number(f64::from(*n)),
            Tree::Text(text) => Value::String(lua.create_string(text).unwrap()),
            Tree::Table(array, entries) => {
                let table: Table = lua.create_table().unwrap();
                for (n, value) in (1..).zip(array) {
                    table.raw_set(n, value.to_lua(lua)).unwrap();
                }
                for (key, value) in entries {
                    table.raw_set(*key, value.to_lua(lua)).unwrap();
                }
                Value::Table(table)
            }
        }
    }

    fn parts(tree: Option<&Tree>) -> (&[Tree], BTreeMap<&'static str, Tree>) {
        match tree {
            Some(Tree::Table(array, entries)) => (array, entries.clone()),
            _ => (&[], BTreeMap::new()),
        }
    }
}

/// The rule as `docs/concepts/state.md` tells it, for states without shared tables.
fn plain_rule(
    base: Option<&Tree>,
    live: Option<&Tree>,
    new: Option<&Tree>,
    again: Option<&Tree>,
) -> Option<Tree> {
    let kind = std::mem::discriminant::<Tree>;
    let (is_changed, is_edited) = (live != base, again != new);
    if let (Some(Tree::Table(..)), Some(Tree::Table(..))) = (live, new) {
        let [base, live, new, again] = [base, live, new, again].map(Tree::parts);
        let array = match (live.0 != base.0, again.0 != new.0) {
            (false, true) => new.0,
            _ => live.0,
        };
        let maps = [&base.1, &live.1, &new.1, &again.1];
        let keys: BTreeSet<_> = maps.iter().flat_map(|map| map.keys()).collect();
        let merged = keys.into_iter().filter_map(|key| {
            let [base, live, new, again] = maps.map(|map| map.get(key));
            Some((*key, plain_rule(base, live, new, again)?))
        });
        return Some(Tree::Table(array.to_vec(), merged.collect()));
    }
    let is_retyped = match (live, new, again) {
        (Some(live), Some(new), Some(again)) => kind(again) != kind(new) && kind(live) != kind(new),
        _ => false,
    };
    match is_edited && (!is_changed || is_retyped) {
        true => new.cloned(),
        false => live.cloned(),
    }
}

/// The rule for a state that migrations have made: it stays, and what only the new code has is added.
fn plain_migrated(live: &Tree, new: &Tree) -> Tree {
    let (Tree::Table(array, live), Tree::Table(_, new)) = (live, new) else {
        return live.clone();
    };
    let mut merged = new.clone();
    for (key, live) in live {
        let value = new
            .get(key)
            .map_or_else(|| live.clone(), |new| plain_migrated(live, new));
        merged.insert(*key, value);
    }
    Tree::Table(array.clone(), merged)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn what_is_captured_comes_back(code in graph()) {
        let lua = Lua::new();
        let state = lua.load(&code).eval::<Value>();
        // The keys of a random graph may be nan; that is an error of the code.
        prop_assume!(state.is_ok());
        let slot = slot(&lua, state.unwrap());
        let image = take(&lua, &slot).image;
        let read = Image::from_bytes(&image.to_bytes()).unwrap();
        prop_assert!(read.is_same(&image) && image.is_same(&image));
        prop_assert_eq!(image.to_bytes().len(), image.bytes_len());
        let back = restore(&read).unwrap();
        prop_assert!(back.is_same(&image), "{:?}", state::diff(&image, &back, 9));
        prop_assert!(state::diff(&image, &back, 9).is_empty());
    }

    #[test]
    fn the_rule_agrees_with_the_plain_one(
        base in table(tree()),
        live in table(tree()),
        new in table(tree()),
        again in table(tree()),
        is_base in [any::<bool>(), any::<bool>(), any::<bool>()],
    ) {
        let pick = |tree: Tree, is_base: bool| if is_base { base.clone() } else { tree };
        let [live, new, again] = [live, new, again];
        let (live, new, again) = (pick(live, is_base[0]), pick(new, is_base[1]), pick(again, is_base[2]));
        let expected = plain_rule(Some(&base), Some(&live), Some(&new), Some(&again)).unwrap();
        let lua = Lua::new();
        let [base, live, again, expected] = [&base, &live, &again, &expected]
            .map(|tree| take(&lua, &slot(&lua, tree.to_lua(&lua))).image);
        let new_slot = slot(&lua, new.to_lua(&lua));
        let root = new_slot.holder.raw_get::<Table>("state").unwrap();
        let new = take(&lua, &new_slot);
        let replay = state::replay(&base, &live, &new.image, Some(&again), &());
        apply(&lua, None, &new, &replay, &live).unwrap();
        let result = take(&lua, &new_slot).image;
        prop_assert!(result.is_same(&expected), "{:?}", state::diff(&expected, &result, 9));
        prop_assert_eq!(new_slot.holder.raw_get::<Table>("state").unwrap(), root);
        let none = state::replay(&base, &base, &new.image, Some(&new.image), &()).report;
        prop_assert_eq!((none.replaced.count, none.added.count, none.conflicts.count), (0, 0, 0));
    }

    #[test]
    fn what_migrations_made_stays_and_defaults_are_added(
        base in table(tree()),
        live in table(tree()),
        new in table(tree()),
        again in table(tree()),
    ) {
        let expected = plain_migrated(&live, &new);
        let lua = Lua::new();
        let [base, live, again, expected] = [&base, &live, &again, &expected]
            .map(|tree| take(&lua, &slot(&lua, tree.to_lua(&lua))).image);
        let new_slot = slot(&lua, new.to_lua(&lua));
        let new = take(&lua, &new_slot);
        let replay = state::replay_migrated(&base, &live, &new.image, Some(&again), &());
        apply(&lua, None, &new, &replay, &live).unwrap();
        let result = take(&lua, &new_slot).image;
        prop_assert!(result.is_same(&expected), "{:?}", state::diff(&expected, &result, 9));
        let report = replay.report;
        prop_assert_eq!((report.kept, report.conflicts.count), (live.entries(), 0));
        prop_assert_eq!((report.replaced.count, report.dropped.count), (0, 0));
    }

    #[test]
    fn no_bytes_do_harm(
        code in graph(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let lua = Lua::new();
        let state = lua.load(&code).eval::<Value>();
        prop_assume!(state.is_ok());
        let image = take(&lua, &slot(&lua, state.unwrap())).image;
        let mut bytes = image.to_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] ^= byte;
        }
        let is_changed = bytes != image.to_bytes();
        prop_assert_eq!(Image::from_bytes(&bytes).is_err(), is_changed);
        let cut = cut.index(bytes.len());
        for end in [cut, bytes.len()] {
            let mut bytes = bytes[..end].to_vec();
            state::reseal(&mut bytes);
            if let Ok(read) = Image::from_bytes(&bytes) {
                // Another order of equal keys may come back, but nothing breaks.
                let _ = (restore(&read).is_ok(), read.is_same(&image), state::diff(&image, &read, 9));
                let replay = state::replay(&read, &image, &read, Some(&image), &());
                prop_assert!(replay.report.kept <= image.entries());
            }
        }
    }
}

#[test]
fn an_image_cut_anywhere_is_refused() {
    let lua = Lua::new();
    let code = "local t = { 1, 'two', { 3 }, x = 'x', [2.5] = true } t.t = t return t";
    let state = lua.load(code).eval::<Value>().unwrap();
    let bytes = take(&lua, &slot(&lua, state)).image.to_bytes();
    for end in 0..bytes.len() {
        let mut cut = bytes[..end].to_vec();
        assert!(Image::from_bytes(&cut).is_err(), "{end}");
        state::reseal(&mut cut);
        assert!(Image::from_bytes(&cut).is_err(), "{end}, resealed");
    }
    let mut newer = bytes.clone();
    newer[8] = 9;
    assert_eq!(Image::from_bytes(&newer).unwrap_err(), BadImage::Newer(9));
    let mut foreign = bytes;
    foreign[0] = b'l';
    assert_eq!(Image::from_bytes(&foreign).unwrap_err(), BadImage::Foreign);
}
