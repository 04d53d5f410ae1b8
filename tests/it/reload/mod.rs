//! What a change leads to: each test tells a world, what happens to it, and the plan that follows.

mod files;
mod mods;
mod properties;
mod scene;
mod whole;

use lunation::reload::plan;

use scene::Scene;

/// Checks the plan that a story leads to. A story is a list of lines:
///
/// - `runs base main strings` – runs with these scripts loaded; `@base/strings` is one of a dependency,
///   `?strings` and `?@base/strings` are ones that were looked for in vain;
/// - `runs economy < base : main` – depends on base;
/// - `waits economy < base` – is accepted and does not run, `failed economy` – for it failed before;
/// - `groups a b` – require each other;
/// - `now economy < base weather` – what it depends on by now;
/// - `edit | add | delete economy scripts/main.lua` – a file that differs, and the request for it;
/// - `key economy tax_rate` – a config value with `apply = "reload"`;
/// - `removed | disabled economy`, `rejected economy [by base …] : because`;
/// - `asked | asset | rescan | depends | rollback | quarantine economy` – a request without a file.
#[track_caller]
fn check(story: &str, expected: &str) {
    let mut scene = Scene::default();
    story
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .for_each(|line| scene.tell(line));
    let plan = plan(&scene.requests, &scene.world);
    let clean = |text: &str| {
        let lines = text.lines().map(str::trim);
        lines.collect::<Vec<_>>().join("\n").trim().to_owned()
    };
    assert_eq!(clean(&plan.to_string()), clean(expected));
    assert!(!plan.is_stale(&scene.world));
}
