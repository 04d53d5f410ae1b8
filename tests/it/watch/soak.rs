//! Random edits by every way at once: in the end the mods that run are those on the disk.
//!
//! Some seconds; `SOAK_SECONDS=600` for ten minutes, `SOAK_SEED` for the edits of another run.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lunation::Until;
use lunation::reload::Outcome;

use super::scene::{Scene, manifest, script, write};
use super::ways::WAYS;

const IDS: [&str; 4] = ["economy", "weather", "terrain", "unrest"];

/// Numbers that look random and come again with the same seed (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn one_of<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        let at = self.below(things.len() as u64);
        &things[usize::try_from(at).unwrap()]
    }
}

/// Who edits.
struct Editor {
    dice: Dice,
    mods: PathBuf,
    version: u64,
    edits: u64,
}

impl Editor {
    fn some_edits(&mut self) {
        for _ in 0..=self.dice.below(30) {
            self.edit();
        }
    }

    fn edit(&mut self) {
        self.edits += 1;
        let id = *self.dice.one_of(&IDS);
        let folder = self.mods.join(id);
        let main = folder.join("scripts/main.lua");
        if !main.is_file() {
            return self.make(id);
        }
        match self.dice.below(40) {
            0 => fs::remove_dir_all(&folder).unwrap(),
            1 => self.go_away_and_come_back(&folder),
            2 => self.git(),
            3 => self.litter(&folder),
            4 => self.replace_script(&main),
            5 => self.fill_new_folders(&folder),
            6 => {
                fs::write(&main, "local half = (").unwrap();
                fs::write(&main, self.next()).unwrap();
            }
            _ => self.save(&main),
        }
    }

    fn next(&mut self) -> String {
        self.version += 1;
        script(self.version)
    }

    fn save(&mut self, main: &Path) {
        let (_, way) = self.dice.one_of(WAYS);
        let mut text = self.next();
        // What only appends would be too large in the end.
        if fs::metadata(main).is_ok_and(|metadata| metadata.len() > 50_000) {
            fs::write(main, "").unwrap();
        }
        text.push('\n');
        way(main, &text);
    }

    fn make(&mut self, id: &str) {
        let folder = self.mods.join(id);
        // Perhaps something else stands there.
        let _ = fs::remove_dir_all(&folder);
        write(&folder.join("mod.toml"), &manifest(id));
        write(&folder.join("scripts/main.lua"), &self.next());
    }

    fn go_away_and_come_back(&mut self, folder: &Path) {
        let away = self.mods.with_file_name("away");
        fs::rename(folder, &away).unwrap();
        fs::write(away.join("scripts/main.lua"), self.next()).unwrap();
        fs::rename(&away, folder).unwrap();
    }

    fn git(&mut self) {
        let lines = "git add -A && git commit -qm x && git checkout -q HEAD~1 -- . && git checkout -q HEAD -- .";
        let mut git = Command::new("sh");
        git.args(["-euc", lines]).current_dir(&self.mods);
        // The folders of a mod may be gone in one of the two commits.
        let quiet = git
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        quiet.status().unwrap();
    }

    fn litter(&mut self, folder: &Path) {
        for name in [
            "scripts/.other.lua.swp",
            "target/a",
            ".git/index",
            "scripts/main.lua~",
            "notes.log",
        ] {
            write(&folder.join(name), "litter");
        }
        let _ = symlink("nowhere", folder.join("scripts/.#other.lua"));
    }

    fn replace_script(&mut self, main: &Path) {
        fs::remove_file(main).unwrap();
        fs::create_dir(main).unwrap();
        fs::remove_dir(main).unwrap();
        fs::write(main, self.next()).unwrap();
    }

    fn fill_new_folders(&mut self, folder: &Path) {
        let deep = folder.join(format!("scripts/d{}", self.dice.below(20)));
        write(&deep.join("er/still/part.lua"), "return 1");
        if self.dice.below(2) == 0 {
            fs::remove_dir_all(deep).unwrap();
        }
    }

    /// The version on disk: what its script says last.
    fn version_of(&self, id: &str) -> Option<u64> {
        let folder = self.mods.join(id);
        let text = fs::read_to_string(folder.join("scripts/main.lua")).ok()?;
        fs::metadata(folder.join("mod.toml")).ok()?;
        let (_, rest) = text.rsplit_once("local version = ")?;
        rest.split_whitespace().next()?.parse().ok()
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|text| text.parse().expect("a number"))
}

#[test]
fn after_random_edits_the_running_mods_are_those_on_the_disk() {
    let time = Duration::from_secs(number("SOAK_SECONDS").unwrap_or(5));
    let clock = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    let seed = number("SOAK_SEED").unwrap_or(clock) | 1;
    println!("SOAK_SEED={seed}");
    // A pause after failed reloads would only make it longer.
    let mut scene = Scene::with("[hot_reload.breaker]\nthreshold = 1000000\n", |b| b);
    let mut editor = Editor {
        dice: Dice(seed),
        mods: scene.path("mods"),
        version: 0,
        edits: 0,
    };
    let init = "git init -q . && git config user.email a@b && git config user.name a && git add -A && git commit -qm first && git commit -q --allow-empty -m second";
    let git = Command::new("sh")
        .args(["-euc", init])
        .current_dir(&editor.mods)
        .stdout(Stdio::null())
        .status();
    assert!(git.unwrap().success());
    let end = Instant::now() + time;
    let (mut reloads, mut alarms, mut meetings) = (0, 0, 0);
    while Instant::now() < end {
        std::thread::scope(|scope| {
            let edits = scope.spawn(|| editor.some_edits());
            while !edits.is_finished() {
                let reports = scene.mods.wait(Duration::from_millis(5), Until::Report);
                scene.reports.extend(reports);
            }
        });
        for id in IDS {
            let wanted = editor.version_of(id);
            scene.until(&format!("{id} {wanted:?}"), |scene| {
                scene.version(id) == wanted
            });
        }
        let mods = scene.reports.iter().flat_map(|report| &report.mods);
        for report in mods {
            reloads += u64::from(report.outcome == Outcome::Reloaded);
            alarms += u64::from(report.outcome == Outcome::Kept);
        }
        meetings += 1;
        scene.forget();
    }
    println!(
        "{} edits, {reloads} reloads, {alarms} alarms, equal {meetings} times",
        editor.edits
    );
}
