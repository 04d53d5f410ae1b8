//! Host objects in one VM: they live once, weakly, and a capture asks the host what they are called.

use std::collections::BTreeMap;

use super::carry::CaptureLimits;
use super::tests::vm_in;
use super::*;
use crate::settings::Limits;
use crate::value::{HostObject, ObjectId, Value};

struct Thing;

impl HostObject for Thing {
    const KIND: &'static str = "game.thing";
}

struct Other;

impl HostObject for Other {
    const KIND: &'static str = "game.other";
}

/// Things from 100 on can't be saved, the codec of 13 has a bug.
fn host() -> HostRegistry {
    let mut host = HostRegistry::default();
    host.namespace("game", |api| {
        api.object::<Thing>(|thing| {
            thing
                .method("id", Phase::Setup, None, |_, id, ()| Ok(id))
                .codec(
                    |_, id| match id {
                        // As `panic!`, without the message on the screen.
                        13 => std::panic::resume_unwind(Box::new("a bug of the game")),
                        0..100 => Some(vec![id as u8, b'%', 0]),
                        _ => None,
                    },
                    |_, bytes| bytes.first().copied().map(u64::from),
                );
        });
        api.object::<Other>(|_| {});
        api.function("thing", Phase::Setup, None, |_, (id,): (u64,)| {
            Ok(ObjectId::<Thing>::new(id))
        });
        api.function("other", Phase::Setup, None, |_, (id,): (u64,)| {
            Ok(ObjectId::<Other>::new(id))
        });
        api.function("ghost", Phase::Setup, None, |_, ()| {
            let kind = "game.ghost".into();
            Ok(Value::list([crate::Object { kind, id: 1 }.value()]))
        });
    });
    host
}

fn loaded(main: &str) -> Vm {
    let (vm, _) = vm_in(host(), &[("scripts/main.lua", main)], Limits::default());
    vm.run_entry().unwrap();
    vm
}

fn counts(vm: &Vm) -> Vec<(String, usize)> {
    let all: BTreeMap<String, usize> = vm.objects();
    all.into_iter().collect()
}

const LIMITS: CaptureLimits = CaptureLimits {
    bytes_max: 1 << 20,
    entries_max: u64::MAX,
};

/// What is at `mod.state.it` after a reload of the same code, as text; or why nothing is.
fn carried(code: &str) -> String {
    let old = loaded("");
    old.eval(&format!("(function() {code} end)()")).unwrap();
    let captured = old.capture(LIMITS).unwrap();
    if let Some(hole) = captured.uncarryable.first() {
        return format!("{} is {}", hole.path, hole.what);
    }
    let image = crate::state::Image::from_bytes(&captured.image.to_bytes()).unwrap();
    let new = loaded("");
    let base = new.capture(LIMITS).unwrap();
    let replay = crate::state::replay(&base.image, &image, &base.image, None, &new.new_code());
    let applied = new.apply(&base, &replay, &image, None).unwrap();
    assert_eq!(applied.unmade, []);
    let shown = new
        .eval("tostring(mod.state.it or next(mod.state))")
        .unwrap();
    shown[0].as_str().unwrap().to_owned()
}

#[test]
fn an_object_lives_once_and_only_as_long_as_the_mod_holds_it() {
    let vm = loaded(
        "mod.state.a = game.thing(7) mod.state.b = game.thing(7) mod.state.c = game.other(7)",
    );
    let same = vm
        .eval("rawequal(mod.state.a, mod.state.b) and not rawequal(mod.state.a, mod.state.c)")
        .unwrap();
    assert_eq!(same, [Value::Boolean(true)]);
    let (other, thing) = ("game.other".to_owned(), "game.thing".to_owned());
    assert_eq!(counts(&vm), [(other.clone(), 1), (thing, 1)]);
    vm.eval("(function() mod.state.a = nil mod.state.b = nil end)()")
        .unwrap();
    vm.collect();
    assert_eq!(counts(&vm), [(other, 1)]);
}

#[test]
fn an_object_is_carried_by_what_its_codec_says_as_value_and_as_key() {
    assert_eq!(carried("mod.state.it = game.thing(7)"), "game.thing 7");
    assert_eq!(carried("mod.state[game.thing(8)] = true"), "game.thing 8");
}

#[test]
fn an_object_that_can_not_be_saved_is_named_by_its_place_and_a_panic_is_no_more() {
    let refused = "state.it is a game.thing, which the game can't save";
    assert_eq!(carried("mod.state.it = game.thing(100)"), refused);
    assert_eq!(carried("mod.state.it = game.thing(13)"), refused);
    assert_eq!(
        carried("mod.state.it = game.other(1)"),
        "state.it is a game.other, which the game can't save"
    );
    assert_eq!(
        carried("mod.state[game.other(1)] = true"),
        "state[an object of the game] is an entry with a game.other as its key, which the game can't save"
    );
}

#[test]
fn an_object_of_a_kind_that_is_not_declared_is_an_error_of_the_call() {
    let refused = loaded("").eval("game.ghost()").unwrap_err();
    let because = refused.problem(&"test".parse().unwrap(), "there").because;
    assert!(
        because.contains("an object of the kind \"game.ghost\", which the game has not declared"),
        "{because}"
    );
}

#[test]
fn the_memory_limit_holds_for_objects_too() {
    let limits = Limits {
        memory: 4 << 20,
        load_time: 60_000,
        ..Limits::default()
    };
    let main = "local all = {} for id = 1, 1e9 do all[id] = game.thing(id) end";
    let (vm, _) = vm_in(host(), &[("scripts/main.lua", main)], limits);
    let problem = vm.run_entry().unwrap_err();
    assert!(problem.because.contains("memory"), "{problem:?}");
}
