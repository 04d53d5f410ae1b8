//! What holds for every plan, checked on random worlds against rules that are easy to read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lunation::ModId;
use lunation::change::Kind;
use lunation::files::FileChangeKind;
use lunation::reload::{
    Absence, Accepted, Action, Cause, ChangedFile, Changes, ReloadPlan, ReloadRequest, Running,
    Script, Step, Transaction, World, plan,
};
use proptest::prelude::*;

const MODS: usize = 6;

fn id(n: usize) -> ModId {
    format!("mod{n}").parse().unwrap()
}

fn ids() -> impl Strategy<Value = BTreeSet<ModId>> {
    proptest::collection::btree_set((0..MODS).prop_map(id), 0..3)
}

fn path() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec!["scripts/main.lua", "scripts/a.lua", "scripts/b.lua"])
}

fn scripts() -> impl Strategy<Value = BTreeSet<Script>> {
    let script = ((0..MODS).prop_map(id), path()).prop_map(|(mod_id, path)| {
        let path = path.into();
        Script { mod_id, path }
    });
    proptest::collection::btree_set(script, 0..3)
}

fn accepted() -> impl Strategy<Value = Accepted> {
    (0..MODS, 0..MODS, ids(), any::<bool>()).prop_map(
        |(position, group, dependencies, was_tried)| Accepted {
            position,
            group,
            dependencies,
            was_tried,
        },
    )
}

fn running() -> impl Strategy<Value = Running> {
    let own = proptest::collection::btree_set(path().prop_map(Into::into), 0..3);
    (1..5u64, 0..MODS, ids(), own, scripts(), scripts()).prop_map(
        |(generation, position, dependencies, scripts, borrowed, missed)| Running {
            generation,
            position,
            dependencies,
            scripts,
            borrowed,
            missed,
            state_version: 0,
        },
    )
}

fn absence() -> impl Strategy<Value = Absence> {
    let due_to = proptest::collection::vec((0..MODS).prop_map(id), 0..3);
    let rejected = due_to.prop_map(|due_to| Absence::Rejected {
        because: "needs more".into(),
        due_to,
    });
    prop_oneof![
        1 => Just(Absence::Removed),
        1 => Just(Absence::Disabled),
        1 => Just(Absence::Quarantined),
        3 => rejected
    ]
}

fn changes() -> impl Strategy<Value = Changes> {
    let file = prop_oneof![
        3 => path().prop_map(|path| (path, Kind::Script)),
        1 => Just(("mod.toml", Kind::Full)),
        1 => Just(("config.toml", Kind::Config)),
        1 => Just(("coin.png", Kind::Asset)),
    ];
    proptest::collection::btree_map(file, Just(FileChangeKind::Edited), 0..3).prop_map(|files| {
        let files = files.into_iter();
        let file = |((path, kind), change): ((&str, Kind), _)| ChangedFile {
            path: path.into(),
            kind,
            change,
        };
        Changes {
            files: files.map(file).collect(),
            reload_keys: Vec::new(),
        }
    })
}

fn some<T: std::fmt::Debug>(
    of: impl Strategy<Value = T>,
) -> impl Strategy<Value = BTreeMap<ModId, T>> {
    proptest::collection::btree_map((0..MODS).prop_map(id), of, 0..MODS)
}

fn worlds() -> impl Strategy<Value = World> {
    (
        some(accepted()),
        some(running()),
        some(absence()),
        some(changes()),
    )
        .prop_map(|(accepted, running, absent, changed)| World {
            accepted,
            running,
            absent,
            changed,
        })
}

fn requests() -> impl Strategy<Value = Vec<ReloadRequest>> {
    let by = "a test".into();
    let causes = vec![
        Cause::Rescan,
        Cause::Asked { by },
        Cause::Rollback { to: 1 },
        Cause::Quarantine {
            because: "ran too long".into(),
        },
    ];
    let request = (0..MODS, proptest::sample::select(causes))
        .prop_map(|(n, cause)| ReloadRequest::new(id(n), Kind::Script, cause, Duration::ZERO));
    proptest::collection::vec(request, 0..4)
}

fn moves_a_vm(step: &Step) -> bool {
    use Action::*;
    matches!(step.action, Reload { .. } | Load | Unload | RollBack { .. })
}

/// Whether two mods must not be in two transactions.
fn belong_together(a: &Step, b: &Step, world: &World) -> bool {
    let arrives = a.action == Action::Load || b.action == Action::Load;
    let (a, b) = (&a.mod_id, &b.mod_id);
    let group = |id| world.accepted.get(id).map(|mods| mods.group);
    let depends = |a, b| {
        world
            .accepted
            .get(a)
            .is_some_and(|m| m.dependencies.contains(b))
            || world
                .running
                .get(a)
                .is_some_and(|m| m.dependencies.contains(b))
    };
    (group(a).is_some() && group(a) == group(b)) || !arrives && (depends(a, b) || depends(b, a))
}

/// The mods that the words of the design let reload for a changed script.
fn run_a_changed_script(world: &World) -> BTreeSet<ModId> {
    let is_changed = |owner: &ModId, path: &str| {
        world.accepted.contains_key(owner)
            && world.changed.get(owner).is_some_and(|changes| {
                let mut files = changes.files.iter();
                files.any(|file| file.kind == Kind::Script && &*file.path == path)
            })
    };
    let runs_one = |mod_id: &ModId, running: &Running| {
        let mut others = running.borrowed.iter().chain(&running.missed);
        running.scripts.iter().any(|path| is_changed(mod_id, path))
            || others.any(|script| is_changed(&script.mod_id, &script.path))
    };
    let running = world.running.iter();
    running
        .filter(|(mod_id, running)| {
            world.accepted.contains_key(*mod_id) && runs_one(mod_id, running)
        })
        .map(|(mod_id, _)| mod_id.clone())
        .collect()
}

fn check_each_step(plan: &ReloadPlan, world: &World) {
    let mut seen = BTreeSet::new();
    for step in plan.steps() {
        assert!(seen.insert(&step.mod_id), "{} has two steps", step.mod_id);
        assert!(!step.reasons.is_empty(), "{step} has no reason");
        let (runs, accepted) = (
            world.running.contains_key(&step.mod_id),
            world.accepted.contains_key(&step.mod_id),
        );
        match step.action {
            Action::Load => assert!(accepted && !runs, "{step}"),
            Action::Reload { kind } => assert!(accepted && runs && kind >= Kind::Script, "{step}"),
            Action::ApplyAssets { .. } | Action::ApplyConfig { .. } => {
                assert!(accepted && runs, "{step}");
            }
            Action::Unload | Action::Restart => assert!(runs, "{step}"),
            Action::RollBack { .. } | Action::Keep | Action::Nothing => {}
        }
    }
    assert!(plan.based_on.keys().eq(seen), "it is based on its mods");
}

proptest! {
    #[test]
    fn every_plan_keeps_its_rules(world in worlds(), requests in requests()) {
        let plan = plan(&requests, &world);
        check_each_step(&plan, &world);
        prop_assert!(!plan.is_stale(&world));

        for (index, transaction) in plan.transactions.iter().enumerate() {
            for other in &plan.transactions[index + 1..] {
                for a in transaction.steps.iter().filter(|step| moves_a_vm(step)) {
                    for b in other.steps.iter().filter(|step| moves_a_vm(step)) {
                        prop_assert!(!belong_together(a, b, &world), "{a} / {b}");
                    }
                }
            }
            let unloads = transaction.steps.iter().map(|step| step.action == Action::Unload);
            prop_assert!(unloads.is_sorted(), "what goes comes last");
        }
        for mod_id in run_a_changed_script(&world) {
            let step = plan.steps().find(|step| step.mod_id == mod_id);
            prop_assert!(
                step.is_some_and(|step| moves_a_vm(step) || step.action == Action::Keep),
                "{mod_id} runs a changed script"
            );
        }
        for request in &requests {
            prop_assert!(plan.steps().any(|step| step.mod_id == request.mod_id));
        }
    }

    #[test]
    fn what_switches_at_one_moment_needs_nothing_of_each_other_while_it_loads(
        world in worlds(),
        requests in requests(),
    ) {
        let mut plan = plan(&requests, &world);
        let alone = plan.transactions.clone();
        let switches = plan.take_switches(&world);
        prop_assert!(plan.transactions.is_empty());
        let mut all: Vec<&Transaction> = switches.iter().flatten().collect();
        let place = |it: &&Transaction| alone.iter().position(|own| own == *it);
        all.sort_by_key(place);
        prop_assert!(all.into_iter().eq(&alone), "each once");
        for together in switches.iter().filter(|together| together.len() > 1) {
            for transaction in together {
                check_stands_together(transaction, together, &world);
            }
        }
    }
}

/// What stands together with others is told by the files alone, and none needs another one while it loads.
fn check_stands_together(transaction: &Transaction, together: &[Transaction], world: &World) {
    use Action::*;
    for step in &transaction.steps {
        let stays_alone = matches!(step.action, Load | RollBack { .. } | Restart);
        assert!(!stays_alone, "{step}");
        let accepted = world.accepted.get(&step.mod_id).map(|it| &it.dependencies);
        let running = world.running.get(&step.mod_id).map(|it| &it.dependencies);
        let needs = accepted.into_iter().chain(running).flatten();
        // In place comes after the switch.
        let loads = moves_a_vm(step) && step.action != Unload;
        for needed in needs.filter(|_| loads) {
            let mut others = together.iter().filter(|it| *it != transaction);
            assert!(!others.any(|it| it.has(needed)), "{step} needs {needed}");
        }
    }
}
