//! Manifests, settings and profiles, good and bad: `tests/manifests/**`, `tests/settings/**` and
//! `tests/profiles/**`, each bad file beside the words that its author would read (`NAME.expected`).

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lunation::{Lock, Problem, Profile, Settings, manifest};

use crate::docs::{blocks, documents};

/// The name under which the files are parsed: places then don't depend on where the test runs.
pub(crate) const MANIFEST: &str = "economy/mod.toml";
pub(crate) const SETTINGS: &str = "lunation.toml";
const PROFILE: &str = "profiles/winter.toml";

/// The `.toml` files of a folder below `tests`, by name.
pub(crate) fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}

/// The problems of a manifest.
pub(crate) fn manifest_problems(text: &[u8]) -> Vec<Problem> {
    manifest::parse(text, MANIFEST).1
}

/// The problems of a settings file.
pub(crate) fn settings_problems(text: &[u8]) -> Vec<Problem> {
    Settings::parse(text, SETTINGS).1
}

/// The problems of a profile.
pub(crate) fn profile_problems(text: &[u8]) -> Vec<Problem> {
    Profile::parse(text, PROFILE).1
}

/// The problems of a lock.
fn lock_problems(text: &[u8]) -> Vec<Problem> {
    Lock::parse(text, "lunation.lock").err().unwrap_or_default()
}

/// Whether the expectations are to be written instead of compared.
pub(crate) fn is_update() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some()
}

/// Compares `actual` with the content of `file`, or writes it.
pub(crate) fn expect(file: &Path, actual: &str) {
    if is_update() {
        fs::write(file, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    assert!(
        expected == actual,
        "{} differs; `UPDATE_EXPECT=1 cargo test` rewrites it\n--- expected\n{expected}\n--- actual\n{actual}",
        file.display()
    );
}

fn check_bad(folder: &str, problems: fn(&[u8]) -> Vec<Problem>) {
    for file in files(folder) {
        let problems = problems(&fs::read(&file).unwrap());
        assert!(
            problems.iter().any(Problem::is_error),
            "{} is accepted",
            file.display()
        );
        for problem in &problems {
            assert!(problem.place.is_some(), "{}: {problem}", file.display());
        }
        let mut lines: Vec<String> = problems
            .iter()
            .map(|problem| format!("[{}] {problem}\n", problem.code))
            .collect();
        lines.sort();
        expect(&file.with_extension("expected"), &lines.concat());
    }
}

fn check_good(folder: &str, problems: fn(&[u8]) -> Vec<Problem>) {
    for file in files(folder) {
        let problems = problems(&fs::read(&file).unwrap());
        assert!(problems.is_empty(), "{}: {problems:?}", file.display());
    }
}

/// Hostile text is answered with a problem, and soon; the limit is generous for busy machines.
fn check_hostile(text: &str) {
    for parse in [
        manifest_problems,
        settings_problems,
        profile_problems,
        lock_problems,
    ] {
        let start = Instant::now();
        let problems = parse(text.as_bytes());
        let took = start.elapsed();
        let begin = &text[..text.len().min(20)];
        assert!(!problems.is_empty(), "{begin:?} is accepted");
        assert!(problems.len() <= 101, "{begin:?}: {}", problems.len());
        assert!(took < Duration::from_secs(5), "{begin:?} took {took:?}");
    }
}

#[test]
fn every_bad_manifest_is_refused_in_the_expected_words() {
    check_bad("manifests/bad", manifest_problems);
    check_bad("manifests/bad-beyond-schema", manifest_problems);
}

#[test]
fn every_bad_settings_file_is_answered_in_the_expected_words() {
    check_bad("settings/bad", settings_problems);
    check_bad("settings/bad-beyond-schema", settings_problems);
}

#[test]
fn every_bad_profile_is_answered_in_the_expected_words() {
    check_bad("profiles/bad", profile_problems);
    check_bad("profiles/bad-beyond-schema", profile_problems);
}

#[test]
fn every_good_file_has_no_problem() {
    check_good("manifests/good", manifest_problems);
    check_good("settings/good", settings_problems);
    check_good("profiles/good", profile_problems);
}

fn check_no_problem(name: &str, problems: &[Problem]) {
    assert!(problems.is_empty(), "{name}: {problems:?}");
}

#[test]
fn the_manifests_and_settings_of_the_samples_have_no_problem() {
    let mods = Path::new(env!("CARGO_MANIFEST_DIR")).join("mods");
    let settings = fs::read(mods.join("lunation.toml")).unwrap();
    check_no_problem("mods/lunation.toml", &settings_problems(&settings));
    for folder in fs::read_dir(&mods).unwrap() {
        let manifest = folder.unwrap().path().join("mod.toml");
        if let Ok(text) = fs::read(&manifest) {
            check_no_problem(&manifest.to_string_lossy(), &manifest_problems(&text));
        }
    }
}

#[test]
fn the_manifests_and_settings_in_the_documents_have_no_problem() {
    let mut checked = 0;
    for document in documents() {
        for block in blocks(&document.text, "toml") {
            let begins = |with: &str| block.text.lines().any(|line| line.starts_with(with));
            let problems = if begins("id = ") {
                manifest_problems(block.text.as_bytes())
            } else if begins("[hot_reload") || begins("[limits]") {
                settings_problems(block.text.as_bytes())
            } else if begins("mods = ") || begins("disabled = ") {
                profile_problems(block.text.as_bytes())
            } else {
                continue;
            };
            check_no_problem(&format!("{}:{}", document.path, block.line), &problems);
            checked += 1;
        }
    }
    assert!(checked >= 2, "found only {checked} blocks of TOML");
}

#[test]
fn a_large_or_deep_or_noisy_file_takes_no_time() {
    let parts = "a.".repeat(69);
    let headers: String = (0..2150).map(|n| format!("[{parts}b{n}]\n")).collect();
    assert!(headers.len() > 303_000);
    // A lock may be larger than what people write.
    check_hostile(&headers.repeat(3));
    check_hostile(&headers);
    check_hostile(&headers[..60_000]);
    check_hostile(&"[".repeat(60_000));
    check_hostile(&format!("a = {}", "[".repeat(60_000)));
    check_hostile(&format!("a = {}", "{a=".repeat(20_000)));
    check_hostile(&"\"\n".repeat(30_000));
    check_hostile(&"= \n".repeat(20_000));
    check_hostile(&"a=1\n".repeat(16_000));
    check_hostile(&format!("order.after = [{}]", "1,".repeat(30_000)));
    check_hostile(&format!("authors = [{}]\nx = 1", "\"\",".repeat(20_000)));
    let (long, items) = ("k".repeat(30_000), "1,".repeat(15_000));
    check_hostile(&format!("config.{long}.default = [{items}]"));
    let keys: String = (0..7000).map(|n| format!("k{n}=1,")).collect();
    check_hostile(&format!("dependencies = {{{keys}}}\nlimits = {{{keys}"));
    let ids: String = (0..4000).map(|n| format!("\"k{n}\",")).collect();
    check_hostile(&format!("order = {{after=[{ids}], before=[{ids}]}}\nx = 1"));
}
