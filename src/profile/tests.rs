//! Tests of what profiles and locks become; the words for bad profiles stand in `tests/profiles`.

use super::*;
use crate::files::{ModFile, ModFiles};
use crate::resolve::Resolution;
use crate::value::Value;

fn id(text: &str) -> ModId {
    text.parse().unwrap()
}

#[test]
fn each_key_reaches_the_rules_and_what_is_left_out_changes_nothing() {
    let text = include_bytes!("../../tests/profiles/good/everything.toml");
    let (profile, problems) = Profile::parse(text, "profiles/winter.toml");
    assert_eq!(problems, []);
    let rules = profile.rules(Rules::default());
    assert_eq!(rules.wanted, Some([id("economy"), id("weather")].into()));
    assert_eq!(rules.disabled, [id("noise")].into());
    assert_eq!(rules.order, [id("terrain"), id("weather")]);
    assert_eq!(rules.pins[&id("economy")], "=1.4.0".parse().unwrap());
    let values = profile.overrides(&id("economy"));
    assert_eq!(values[0].value, Value::Number(0.2));
    assert_eq!(Profile::default().rules(Rules::default()), Rules::default());
}

#[test]
fn values_have_the_same_hash_wherever_they_stand() {
    let hash = |text: &str| {
        let (profile, _) = Profile::parse(text.as_bytes(), "profiles/winter.toml");
        profile.values_hash(&id("economy"))
    };
    let first = hash("[config.economy]\ntax = 1");
    assert!(first.is_some());
    assert_eq!(hash("# spring\n\n[config]\neconomy = { tax = 1 }"), first);
    assert_ne!(hash("[config.economy]\ntax = 2"), first);
    assert_ne!(hash("[config.economy]\ntax = '1'"), first);
    assert_eq!(hash("[config.economy]"), None);
    assert_eq!(hash(""), None);
}

#[test]
fn a_mod_that_is_not_there_is_told_where_it_is_first_named() {
    let text = b"mods = ['econmy']\norder = ['wether', 'econmy']";
    let (profile, _) = Profile::parse(text, "profiles/winter.toml");
    let known = [id("economy"), id("weather")];
    let told: Vec<String> = profile
        .unknown(known.iter())
        .iter()
        .map(|problem| format!("{:?} {problem}", problem.severity))
        .collect();
    assert_eq!(
        told,
        [
            "Error profiles/winter.toml:1:9: names `econmy`, a mod that is not in the folder \
             (hint: did you mean `economy`?)",
            "Warning profiles/winter.toml:2:10: names `wether`, a mod that is not in the folder \
             (hint: did you mean `weather`?)",
        ]
    );
}

#[track_caller]
fn check_switch(text: &str, is_on: bool, expected: &str) {
    let new = switch(text, "profiles/winter.toml", &id("noise"), is_on).unwrap();
    assert_eq!(new, expected);
    let (profile, problems) = Profile::parse(new.as_bytes(), "profiles/winter.toml");
    assert_eq!(problems, []);
    assert_eq!(profile.disabled.contains(&id("noise")), !is_on);
    let again = switch(&new, "profiles/winter.toml", &id("noise"), is_on).unwrap();
    assert_eq!(again, new);
}

#[test]
fn switching_a_mod_keeps_comments_and_never_contradicts_itself() {
    check_switch("# mine\n", false, "disabled = [\"noise\"]\n# mine\n");
    check_switch("", true, "");
    check_switch(
        "disabled = ['noise'] # loud\n",
        true,
        "disabled = [] # loud\n",
    );
    check_switch(
        "mods = ['noise', 'rain'] # all\n",
        false,
        "mods = [ 'rain'] # all\ndisabled = [\"noise\"]\n",
    );
    check_switch(
        "mods = ['rain']\ndisabled = ['noise', 'wind']\n",
        true,
        "mods = ['rain', \"noise\"]\ndisabled = [ 'wind']\n",
    );
    check_switch(
        NEW_PROFILE,
        false,
        &NEW_PROFILE.replace("[] ", "[\"noise\"] "),
    );
}

#[test]
fn a_profile_that_is_broken_is_not_edited() {
    for text in ["mods = [", "disabled = 'noise'"] {
        let refused = switch(text, "profiles/winter.toml", &id("noise"), false);
        assert!(refused.unwrap_err().place.is_some(), "{text}");
    }
}

#[test]
fn a_value_is_set_where_it_stands_and_anew_where_it_does_not() {
    let set = |text: &str| {
        let file = "profiles/winter.toml";
        set_value(text, file, &id("economy"), "tax", &Value::Integer(2)).unwrap()
    };
    let sections = "# mine\n[config.economy]\ntax = 1 # low\n";
    assert_eq!(set(sections), "# mine\n[config.economy]\ntax = 2 # low\n");
    assert_eq!(set(""), "[config.economy]\ntax = 2\n");
    for text in [
        "config = { economy = { tax = 1, x = 'a' } }",
        "config.economy.tax = 1",
    ] {
        let (profile, problems) = Profile::parse(set(text).as_bytes(), "profiles/winter.toml");
        assert_eq!(problems, []);
        let values = profile.overrides(&id("economy"));
        assert!(
            values.iter().any(|own| own.value == Value::Integer(2)),
            "{text}"
        );
    }
}

fn files(folder: &str, content: &[(&str, &str)]) -> ModFiles {
    let mut files = ModFiles::new(folder);
    for (path, text) in content {
        files.insert(*path, ModFile::text(text.as_bytes().to_vec()));
    }
    files
}

/// Mods of a folder of their name: `id`, `version`, the text of `main.lua`.
fn lock(mods: &[(&str, &str, &str)]) -> Lock {
    let locked = |(name, version, text): &(&str, &str, &str)| {
        let files = files(name, &[("main.lua", text), ("mod.toml", "x")]);
        (id(name), LockedMod::new(&version.parse().unwrap(), &files))
    };
    Lock {
        host: Some(semver::Version::new(1, 3, 0)),
        mods: mods.iter().map(locked).collect(),
    }
}

#[test]
fn a_lock_is_read_as_it_was_written() {
    let mut lock = lock(&[("economy", "1.4.0-rc.1+b", "1"), ("weather", "2.0.0", "2")]);
    let odd = files(
        "folder \"x\" \\ y",
        &[("a'b \"c\"/\u{fc}.lua", "1"), ("é", "2")],
    );
    let odd = LockedMod::new(&semver::Version::new(1, 0, 0), &odd);
    lock.mods.insert(id("odd"), odd);
    assert_eq!(Lock::parse(lock.text().as_bytes(), LOCK_FILE), Ok(lock));
    let none = Lock::default();
    assert_eq!(Lock::parse(none.text().as_bytes(), LOCK_FILE), Ok(none));
}

#[test]
fn what_drifts_is_told_all_at_once() {
    let before = lock(&[
        ("base", "1.0.0", ""),
        ("calm", "1.0.0", ""),
        ("economy", "1.4.0", ""),
        ("weather", "1.0.0", "old"),
    ]);
    let mut now = lock(&[
        ("calm", "1.0.0", ""),
        ("economy", "1.5.0", ""),
        ("noise", "1.0.0", ""),
        ("weather", "1.0.0", "new"),
    ]);
    now.host = Some(semver::Version::new(2, 0, 0));
    let told: Vec<String> = before
        .drift(&now, &Resolution::default(), &BTreeSet::new())
        .into_iter()
        .map(|problem| {
            Problem {
                hint: None,
                ..problem
            }
            .to_string()
        })
        .collect();
    assert_eq!(
        told,
        [
            "is for version 1.3.0 of the host, which is 2.0.0",
            "base: is gone",
            "economy: is 1.5.0, locked 1.4.0",
            "weather/main.lua: changed since it was locked",
            "noise: is not locked",
        ]
    );
    assert_eq!(
        now.drift(&now, &Resolution::default(), &BTreeSet::new()),
        []
    );
}

#[test]
fn a_folder_of_another_name_is_no_drift() {
    let content = [("mod.toml", "x")];
    let lock = |folder: &str| Lock {
        host: None,
        mods: [(
            id("economy"),
            LockedMod::new(&semver::Version::new(1, 0, 0), &files(folder, &content)),
        )]
        .into(),
    };
    let (resolution, present) = (Resolution::default(), BTreeSet::new());
    assert_eq!(
        lock("economy").drift(&lock("economy-1.0.0"), &resolution, &present),
        []
    );
}

#[track_caller]
fn check_bad_lock(text: &str, expected: &str) {
    let problems = Lock::parse(text.as_bytes(), LOCK_FILE).unwrap_err();
    let told: Vec<String> = problems.iter().map(Problem::to_string).collect();
    assert!(
        told.iter().any(|line| line.starts_with(expected)),
        "{told:#?}"
    );
}

#[test]
fn a_lock_that_is_no_lock_is_refused_with_the_place() {
    check_bad_lock("", "lunation.lock:1:1: lacks the key `version`");
    check_bad_lock("version = 2", "lunation.lock:1:11: is a lock of format 2");
    check_bad_lock("version = 1\nmods = 3", "lunation.lock:2:8: sets `mods`");
    check_bad_lock("version = 1\n[mods.\"../x\"]", "lunation.lock:2:7: locks `");
    check_bad_lock(
        "version = 1\n[mods.economy]",
        "lunation.lock:2:1: lacks the key",
    );
    let entry = |key: &str| format!("version = 1\n[mods.economy]\n{key}");
    check_bad_lock(
        &entry("blake3 = 'abc'\nversion = '1.0.0'\nfolder = 'x'"),
        "lunation.lock:3:10: sets",
    );
    check_bad_lock(&entry("version = 'one'"), "lunation.lock:3:11: sets");
    check_bad_lock(
        &entry("files = { x = '../../x' }"),
        "lunation.lock:3:15: sets",
    );
    check_bad_lock(
        &"x".repeat(LOCK_BYTES_MAX + 1),
        "lunation.lock: has 1048577 bytes",
    );
}

#[test]
fn a_mod_of_many_files_and_a_lock_of_many_mods_can_be_read_again() {
    let names: Vec<String> = (0..300).map(|n| format!("assets/{n:03}.png")).collect();
    let content: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let large = LockedMod::new(&semver::Version::new(1, 0, 0), &files("large", &content));
    assert!(large.files.is_empty());
    let middling = LockedMod::new(&semver::Version::new(1, 0, 0), &files("m", &content[..200]));
    assert_eq!(middling.files.len(), 200);
    let many = (0..1000).map(|n| (id(&format!("mod-{n}")), middling.clone()));
    let lock = Lock {
        host: None,
        mods: many.collect(),
    };
    let text = lock.text();
    assert!(text.len() <= LOCK_BYTES_MAX);
    let read = Lock::parse(text.as_bytes(), LOCK_FILE).unwrap();
    assert_eq!(read.mods.len(), 1000);
    assert_eq!(read.mods[&id("mod-7")].hash, middling.hash);
}
