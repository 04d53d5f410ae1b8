//! The examples of the documents: each runs to its end and says what it promises.

// `main` is for `cargo run --example`; here `run` is called.
#[allow(dead_code)]
#[path = "../../docs/examples/embed.rs"]
mod embed;

// As above.
#[allow(dead_code)]
#[cfg(feature = "watch")]
#[path = "../../docs/examples/single_script.rs"]
mod single_script;

type Run = fn(&mut dyn std::io::Write) -> Result<(), Box<dyn std::error::Error>>;

/// Runs an example and compares the lines that it says; `…` in an expected line stands for anything.
#[track_caller]
fn check(run: Run, expected: &[&str]) {
    let mut out = Vec::new();
    run(&mut out).expect("the example runs to its end");
    let said = String::from_utf8(out).expect("the example speaks UTF-8");
    let lines: Vec<&str> = said.lines().collect();
    let mut pairs = lines.iter().zip(expected);
    assert!(
        lines.len() == expected.len() && pairs.all(|(line, expected)| fits(line, expected)),
        "the example said:\n{said}"
    );
}

fn fits(line: &str, expected: &str) -> bool {
    let mut parts = expected.split('…');
    let mut rest = parts.next().and_then(|start| line.strip_prefix(start));
    for part in parts {
        // The last part is at the end of the line: the empty one is found there, too.
        rest = rest.and_then(|rest| rest.rfind(part).map(|at| &rest[at + part.len()..]));
    }
    rest == Some("")
}

#[test]
fn embed_plants_flowers_through_an_edit_and_a_typo() {
    let expected = [
        "problem: vandal/mod.toml:4:13: needs the capability \"meadow.burn\", which the game does not grant…",
        "problem: vandal/mod.toml:4:13: asks for the capability \"meadow.burn\", which no function of the game needs (hint: leave it out; the game has meadow.plant)",
        "gardener: runs",
        "vandal: does not",
        "tick 1: daisy at 0",
        "tick 2: daisy at 1",
        "tick 3: daisy at 2",
        "✓ gardener  main.lua → script  … ms  gen 2  1 entry kept",
        "tick 4: tulip at 3",
        "tick 5: tulip at 4",
        "✗ gardener  main.lua → script  kept gen 2",
        "  because it has a syntax error: …(gardener/scripts/main.lua:8; hint: …)",
        "tick 6: tulip at 5",
        "heard: gardener is new",
        "heard: vandal was kept",
        "heard: gardener has generation 2",
        "heard: gardener was kept",
    ];
    check(embed::run, &expected);
}

#[test]
#[cfg(feature = "watch")]
fn single_script_lives_through_an_edit_and_a_typo() {
    let expected = [
        "loaded 201 bytes: ✓ … ms, 0 entries kept",
        "sleep",
        "sleep",
        "eat",
        "sleep",
        "saved 201 bytes, fast: …: ✓ … ms, 2 entries kept",
        "dream",
        "saved 201 bytes, fast: …: ✗ creature.lua:5: has a syntax error: …",
        "eat",
        "dream",
        "2 meals, generation 2, 1 reload",
    ];
    check(single_script::run, &expected);
}
