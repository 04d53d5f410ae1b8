//! A plan as a whole: when it is stale, as JSON, at the size of the largest packs.

use lunation::reload::{Accepted, plan};

use super::scene::{Scene, id};

#[test]
fn a_plan_is_stale_once_one_of_its_mods_runs_in_another_generation() {
    let mut scene = Scene::default();
    scene.tell("runs economy main");
    scene.tell("runs palette main");
    scene.tell("edit economy scripts/main.lua");
    let plan = plan(&scene.requests, &scene.world);
    let mut commit = |name| scene.world.running.get_mut(&id(name)).unwrap().generation += 1;
    commit("palette");
    assert!(!plan.is_stale(&scene.world), "palette is not in it");
    scene
        .world
        .running
        .get_mut(&id("economy"))
        .unwrap()
        .generation += 1;
    assert!(plan.is_stale(&scene.world));
    scene.world.running.clear();
    assert!(plan.is_stale(&scene.world));
}

#[test]
fn a_plan_says_in_json_what_it_says_in_words() {
    let mut scene = Scene::default();
    scene.tell("runs economy main");
    scene.tell("edit economy scripts/main.lua");
    let plan = plan(&scene.requests, &scene.world);
    let step = &serde_json::to_value(&plan).unwrap()["transactions"][0]["steps"][0];
    assert_eq!(
        *step,
        serde_json::json!({
            "mod": "economy",
            "action": "reload",
            "kind": "script",
            "reasons": [{
                "reason": "loaded",
                "by": "economy",
                "path": "scripts/main.lua",
                "change": "edited",
            }],
        })
    );
}

#[test]
fn a_long_chain_and_a_large_group_are_planned_without_depth_or_delay() {
    let mut scene = Scene::default();
    let name = |n: usize| id(&format!("mod{n}"));
    for n in 0..10_000 {
        scene.world.accepted.insert(
            name(n),
            Accepted {
                position: n,
                group: n / 5_000,
                dependencies: [name(n.saturating_sub(1))].into(),
                was_tried: true,
            },
        );
    }
    scene.tell("asked mod0");
    let plan = plan(&scene.requests, &scene.world);
    // Each group arrives by itself, and the second after the first, which it needs.
    let sizes: Vec<usize> = plan.transactions.iter().map(|t| t.steps.len()).collect();
    assert_eq!(sizes, [5_000, 5_000]);
}

#[cfg(feature = "schema")]
#[test]
fn plans_reports_and_events_fit_their_schemas() {
    use lunation::change::Kind;
    use lunation::reload::{ModEvent, ModReport, Outcome, ReloadPlan, ReloadReport};
    use serde_json::to_value;

    #[track_caller]
    fn check(schema: schemars::Schema, value: serde_json::Value) {
        let validator = jsonschema::validator_for(schema.as_value()).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}\n{value:#}");
    }

    let mut scene = Scene::default();
    for line in [
        "runs base main",
        "runs economy < base : main @base/strings",
        "edit base scripts/strings.lua",
        "asked base",
        "quarantine economy",
        "asked nobody",
    ] {
        scene.tell(line);
    }
    let plan = plan(&scene.requests, &scene.world);
    check(schemars::schema_for!(ReloadPlan), to_value(&plan).unwrap());

    let version = semver::Version::new(1, 0, 0);
    let economy = ModReport::new(id("economy"), Kind::Script, Outcome::Reloaded, 2, version);
    let report = ReloadReport {
        transaction: 1,
        mods: vec![economy],
    };
    check(
        schemars::schema_for!(ReloadReport),
        to_value(&report).unwrap(),
    );
    for event in ModEvent::of_report(&report) {
        check(schemars::schema_for!(ModEvent), to_value(&event).unwrap());
    }
}
