//! Real programs, where they are installed: each edits as it does for people.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::scene::{Scene, manifest, rounds, script, write};

/// Runs a line of the shell in this folder.
#[track_caller]
fn sh(folder: &Path, line: &str) {
    let mut shell = Command::new("sh");
    shell
        .args(["-euc", line])
        .current_dir(folder)
        .stdin(Stdio::null());
    shell
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("HOME", folder);
    let output = shell.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{line}`: {told}");
}

fn is_installed(program: &str) -> bool {
    let quiet = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    quiet.is_ok_and(|output| output.status.success())
}

/// What edits `scripts/main.lua` of the mod, run in its folder: `NEW` is a file with the new text, elsewhere,
/// `OLD` and `VERSION` are the version before and the new one.
const EDITS: &[(&str, &str)] = &[
    (
        "sed",
        "sed -i 's/^local version = OLD$/local version = VERSION/' scripts/main.lua",
    ),
    ("cp", "cp NEW scripts/main.lua"),
    ("cp", "cp --remove-destination NEW scripts/main.lua"),
    ("cp", "cp -p NEW NEW.copy && mv NEW.copy scripts/main.lua"),
    (
        "mv",
        "cp NEW scripts/next.lua && mv -f scripts/next.lua scripts/main.lua",
    ),
    (
        "ln",
        "cp NEW ../../next.lua && ln -f ../../next.lua scripts/main.lua",
    ),
    ("dd", "dd if=NEW of=scripts/main.lua bs=200 status=none"),
    ("tee", "tee scripts/main.lua < NEW > /dev/null"),
    ("install", "install -m 644 NEW scripts/main.lua"),
    (
        "patch",
        "diff -u scripts/main.lua NEW > ../../patch || true; patch -s scripts/main.lua < ../../patch",
    ),
    (
        "ed",
        "printf '1s/OLD/VERSION/\\nw\\nq\\n' | ed -s scripts/main.lua",
    ),
    (
        "perl",
        "perl -pi -e 's/^local version = OLD$/local version = VERSION/' scripts/main.lua",
    ),
    (
        "tar",
        "mkdir -p ../../t/scripts && cp NEW ../../t/scripts/main.lua && tar -C ../../t -cf ../../t.tar . && tar -xf ../../t.tar",
    ),
    (
        "rsync",
        "mkdir -p ../../t/scripts && cp NEW ../../t/scripts/main.lua && rsync -a ../../t/ ./",
    ),
    (
        "vim",
        "vim -N -u NONE -es -c '1s/OLD/VERSION/' -c 'wq' scripts/main.lua",
    ),
    (
        "vim",
        "vim -N -u NONE -es -c 'set backup writebackup backupcopy=no' -c '1s/OLD/VERSION/' -c 'wq' scripts/main.lua",
    ),
    (
        "vim",
        "vim -N -u NONE -es -c 'set writebackup backupcopy=yes' -c '1s/OLD/VERSION/' -c 'wq' scripts/main.lua",
    ),
    (
        "nvim",
        "nvim -u NONE -es -c '1s/OLD/VERSION/' -c 'wq' scripts/main.lua",
    ),
    (
        "emacs",
        "emacs -Q --batch scripts/main.lua --eval '(progn (replace-regexp-in-region \"OLD\" \"VERSION\" 1 24) (save-buffer))'",
    ),
    (
        "python3",
        "python3 -c \"open('scripts/main.lua','w').write(open('NEW').read())\"",
    ),
];

#[test]
fn what_installed_programs_save_goes_live_without_an_alarm() {
    let mut scene = Scene::new();
    let folder = scene.path("mods/economy");
    let new = scene.path("new.lua");
    let edits: Vec<_> = EDITS
        .iter()
        .filter(|(name, _)| is_installed(name))
        .collect();
    assert!(edits.len() >= 8, "{edits:?}");
    let mut version = 0;
    for round in 0..rounds() {
        for (name, line) in &edits {
            let old = version.to_string();
            version += 1;
            fs::write(&new, script(version)).unwrap();
            let line = line.replace("NEW", new.to_str().unwrap());
            let line = line
                .replace("OLD", &old)
                .replace("VERSION", &version.to_string());
            sh(&folder, &line);
            scene.until_version("economy", version);
            scene.assert_no_alarm(&format!("{name}, round {round}"));
            scene.forget();
        }
    }
}

/// A repository around a mods folder of three mods of many files, with the branches `one` and `two`.
fn repository(scene: &mut Scene, root: &str) {
    let folder = scene.path(root);
    sh(
        &folder,
        "git init -q -b one . && git config user.email a@b && git config user.name a",
    );
    for (branch, version) in [("one", 1), ("two", 2)] {
        for id in ["economy", "weather", "terrain"] {
            let mods = scene.path("mods");
            write(&mods.join(id).join("mod.toml"), &manifest(id));
            let main = format!(
                "local parts = 0\nfor i = 1, 40 do parts = parts + require(\"part\" .. i) end
                assert(parts == 40 * {version}, \"parts of two versions\")
                mod.export({{ version = function() return {version} end }})\n"
            );
            write(&mods.join(id).join("scripts/main.lua"), &main);
            for part in 1..=40 {
                let part = mods.join(id).join(format!("scripts/part{part}.lua"));
                write(&part, &format!("return {version}\n"));
            }
        }
        let make = if branch == "one" {
            ""
        } else {
            "git checkout -q -b two && "
        };
        sh(
            &folder,
            &format!("{make}git add -A && git commit -qm {branch}"),
        );
    }
    all_have(scene, 2);
    scene.rest();
    scene.forget();
}

#[track_caller]
fn all_have(scene: &mut Scene, version: u64) {
    for id in ["economy", "weather", "terrain"] {
        scene.until_version(id, version);
    }
}

/// Each mod whose files say how many parts fit together switched once, and nobody saw half of it. Whether all
/// did so at one moment: on a machine with more to do, the system may tell of some of them too late.
#[track_caller]
fn check_switch(scene: &mut Scene, folder: &Path, line: &str, version: u64) -> bool {
    sh(folder, line);
    all_have(scene, version);
    scene.rest();
    scene.assert_no_alarm(line);
    for id in ["economy", "weather", "terrain"] {
        let outcomes = scene.outcomes();
        let reloads = outcomes.get(&(id.to_owned(), "reloaded")).copied();
        assert_eq!(reloads, Some(1), "{line}: {outcomes:?}");
    }
    let is_one = scene.reports.len() == 1;
    scene.forget();
    is_one
}

#[test]
fn a_checkout_and_a_stash_are_one_switch_of_all_mods_and_a_rebase_shows_nothing_half() {
    for root in [".", "mods"] {
        let mut scene = Scene::new();
        repository(&mut scene, root);
        let folder = scene.path(root);
        let mut moments = Vec::new();
        for _ in 0..rounds() {
            let mut check =
                |line, version| moments.push(check_switch(&mut scene, &folder, line, version));
            check("git checkout -q one", 1);
            check("git checkout -q two", 2);
            check("git checkout -q one -- .", 1);
            check("git stash -q", 2);
            check("git stash pop -q", 1);
            check("git reset -q --hard", 2);
            sh(
                &folder,
                "git branch -q -f other one && git commit -q --allow-empty -m more",
            );
            // The commits of two are made again on one: back to the files of one, and on to those of two.
            sh(&folder, "git rebase -q --force-rebase one");
            all_have(&mut scene, 2);
            scene.rest();
            scene.assert_no_alarm("git rebase");
            scene.forget();
            sh(&folder, "git reset -q --hard HEAD~1");
            scene.rest();
        }
        assert!(moments.contains(&true), "never all at one moment");
    }
}
