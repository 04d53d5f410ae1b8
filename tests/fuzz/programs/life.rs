//! The life of a program: it is loaded, called, edited, reloaded, rolled back, saved, restored and taken away.
//!
//! Beside it runs a bystander. After each step it must answer as if it were alone; and whatever is said of the
//! program must be fit to be shown to a player.

use std::path::Path;

use lunation::{
    Code, Dispatched, Grant, Kind, ModId, ModManager, Onto, Outcome, Phase, Problem, ReloadReport,
    SaveFile, Status, Value,
};

use super::bystander::Bystander;
use super::program::{MAIN, MANIFEST, MANIFEST_OF_NEIGHBOUR, Program, Step, settings};
use super::{PANIC_OF_THE_GAME, Tally};

/// What the game lends to mods.
#[derive(Default)]
struct World {
    changes: u64,
}

/// A program in a game.
struct Life<'t> {
    mods: ModManager,
    folder: tempfile::TempDir,
    program: Program,
    wild: ModId,
    neighbour: ModId,
    version: usize,
    count: u64,
    bystander: Bystander,
    save: Option<Vec<u8>>,
    world: World,
    tally: &'t mut Tally,
}

/// Lets the program `text` live from its load to its end. It panics if anything goes wrong that no mod may cause.
/// `alive` is called after each step.
pub(super) fn live(text: &str, tally: &mut Tally, alive: impl Fn()) {
    let program = Program::read(text);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let steps = program.steps.clone();
    let mods = ModManager::builder(folder.path().join("mods"))
        .watching(false)
        .without_history_on_disk()
        .grant(|_| Grant::only(["game.secret"]))
        .namespace("game", offer);
    let mut life = Life {
        mods: mods.build().expect("a manager can be built"),
        folder,
        program,
        wild: "wild".parse().expect("an id"),
        neighbour: "neighbour".parse().expect("an id"),
        version: 0,
        count: 0,
        bystander: Bystander::default(),
        save: None,
        world: World::default(),
        tally,
    };
    life.begin();
    alive();
    for step in steps {
        life.take(step);
        life.check_bystander();
        alive();
    }
    life.end();
}

/// The functions of the game.
fn offer(api: &mut lunation::ApiBuilder<'_>) {
    api.function("look", Phase::Setup, None, |call, ()| Ok(call.generation()))
        .function("change", Phase::Runtime, None, |call, (_,): (Value,)| {
            let mut world = call.host::<World>()?;
            world.changes += 1;
            Ok(world.changes)
        })
        .function("echo", Phase::Setup, None, |_, (value,): (Value,)| {
            Ok(value)
        })
        .function("add", Phase::Setup, None, |_, (a, b): (f64, f64)| Ok(a + b))
        .function(
            "secret",
            Phase::Setup,
            "game.secret",
            |_, values: Vec<Value>| Ok(values.len()),
        )
        .function("forbidden", Phase::Setup, "game.forbidden", |_, ()| Ok(1))
        .function(
            "fail",
            Phase::Setup,
            None,
            |_, (why,): (String,)| -> Result<(), _> { Err(lunation::HostError(why)) },
        )
        .function("panic", Phase::Setup, None, |_, ()| -> Result<(), _> {
            std::panic::panic_any(PANIC_OF_THE_GAME)
        })
        .function("again", Phase::Runtime, None, |call, (text,): (String,)| {
            let world = call.host::<World>()?;
            Ok(text.repeat(world.changes.min(3) as usize))
        });
}

impl Life<'_> {
    fn begin(&mut self) {
        self.write("mods/lunation.toml", &settings("refuse"));
        self.write(
            "mods/bystander/mod.toml",
            "id = 'bystander'\nversion = '1.0.0'\n",
        );
        self.write("mods/bystander/scripts/main.lua", Bystander::SCRIPT);
        self.write("mods/wild/mod.toml", MANIFEST);
        self.write("mods/wild/assets/a.txt", "an asset");
        self.write("mods/neighbour/mod.toml", MANIFEST_OF_NEIGHBOUR);
        self.write("mods/neighbour/scripts/main.lua", "");
        self.write(MAIN, &self.program.versions[0]);
        for (path, text) in &self.program.files {
            self.write(path, text);
        }
        let problems = self.mods.load();
        self.hear(&problems);
        self.tally.loaded += u64::from(self.status_of("wild") == Some(Status::Active));
        self.check_bystander();
    }

    fn take(&mut self, step: Step) {
        self.count += 1;
        let value = payload(self.count);
        let wild = self.wild.clone();
        match step {
            Step::Dispatch => {
                for event in ["go", "hit", "neighbour:a"] {
                    let dispatched = self.in_game(|mods| mods.dispatch_value(event, &value));
                    self.hear_dispatched(&dispatched);
                }
            }
            Step::Advance => {
                let dispatched = self.in_game(|mods| mods.advance(3));
                self.hear_dispatched(&dispatched);
            }
            Step::Call => {
                for mod_id in [wild, self.neighbour.clone()] {
                    for name in ["f", "g"] {
                        let arguments = [value.clone(), Value::Number(2.0)];
                        let called = self.in_game(|mods| mods.call(&mod_id, name, &arguments));
                        self.hear_result(called.map(drop));
                    }
                }
            }
            Step::Eval => {
                let code = "x1 = f1 and f1(mod.state) return mod.state";
                let values = self.in_game(|mods| mods.eval(&wild, code));
                self.hear_result(values.map(drop));
            }
            Step::Next => {
                self.version = (self.version + 1).min(self.program.versions.len() - 1);
                let script = self.program.versions[self.version].clone();
                self.edit(MAIN, &script);
            }
            Step::Broken => {
                let script = format!("{}\nlocal = 1", self.program.versions[self.version]);
                self.edit(MAIN, &script);
            }
            Step::Reload | Step::ReloadDropping => {
                let is_dropping = step == Step::ReloadDropping;
                let report = self.in_game(|mods| mods.reload(&wild, Kind::Script, is_dropping));
                self.hear_report_or(report);
            }
            Step::Save => self.save(),
            Step::Restore => self.restore(),
            Step::Rollback | Step::RollbackThen => {
                let onto = match step {
                    Step::Rollback => Onto::Now,
                    _ => Onto::Then,
                };
                let report = self.in_game(|mods| mods.rollback(&wild, None, onto));
                self.hear_report_or(report);
            }
            Step::Redo => {
                let report = self.in_game(|mods| mods.redo(&wild));
                self.hear_report_or(report);
            }
            Step::Config => {
                let rate = Value::Number(self.count as f64);
                match self.in_game(|mods| mods.set_config(&wild, "rate", &rate)) {
                    Ok(reports) => self.hear_reports(&reports),
                    Err(problem) => self.hear(&[problem]),
                }
            }
            Step::Asset => {
                let text = format!("the asset {}", self.count);
                self.edit("mods/wild/assets/a.txt", &text);
            }
            Step::Pump => {
                let reports = self.in_game(|mods| mods.pump(std::time::Duration::from_millis(2)));
                self.hear_reports(&reports);
            }
            Step::Look => self.look(),
            Step::Neighbour => {
                let folder = self.folder.path().join("mods/neighbour");
                let away = self.folder.path().join("away");
                let (from, to) = match folder.exists() {
                    true => (&folder, &away),
                    false => (&away, &folder),
                };
                std::fs::rename(from, to).expect("a folder can be moved");
                let reports = self.in_game(ModManager::check_updates);
                self.hear_reports(&reports);
            }
        }
    }

    fn save(&mut self) {
        let save = self.in_game(ModManager::save);
        self.hear(&save.problems);
        SaveFile::read(&save.bytes).expect("a save can be read");
        self.bystander.saved();
        self.save = Some(save.bytes);
    }

    fn restore(&mut self) {
        let Some(bytes) = self.save.clone() else {
            return;
        };
        match self.in_game(|mods| mods.restore(&bytes)) {
            Ok(_) => {
                self.tally.restored += 1;
                self.bystander.restored();
            }
            Err(problem) => self.hear(&[problem]),
        }
    }

    /// Asks all that can be asked of the program.
    fn look(&mut self) {
        for mod_id in [self.wild.clone(), self.neighbour.clone()] {
            let state = self.mods.state(&mod_id, "");
            self.hear_result(state.map(drop));
            match self.mods.image(&mod_id) {
                Ok(image) => assert_eq!(image.to_bytes().len(), image.bytes_len()),
                Err(problem) => self.hear(&[problem]),
            }
        }
        let problems = self.mods.problems();
        self.hear(&problems);
        let lines = self.mods.log(0, None);
        lines.iter().for_each(|line| self.must_be_fit(&line.text));
    }

    /// Takes the program and its neighbour away: nothing of them is left.
    fn end(mut self) {
        self.look();
        for folder in ["mods/wild", "mods/neighbour", "away"] {
            let folder = self.folder.path().join(folder);
            if folder.exists() {
                std::fs::remove_dir_all(folder).expect("a folder can be taken away");
            }
        }
        let reports = self.in_game(ModManager::check_updates);
        self.hear_reports(&reports);
        self.check_bystander();
        let mods = self.mods.mods();
        let left: Vec<&str> = mods.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(left, ["bystander"], "what is left when the program is gone");
    }

    fn in_game<R>(&mut self, work: impl FnOnce(&mut ModManager) -> R) -> R {
        self.mods.with(&mut self.world, work)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        let folder = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(folder).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }

    fn edit(&mut self, path: &str, text: &str) {
        self.write(path, text);
        let reports = self.in_game(ModManager::check_updates);
        self.hear_reports(&reports);
    }

    fn status_of(&self, mod_id: &str) -> Option<Status> {
        let mods = self.mods.mods();
        let status = mods.iter().find(|it| it.id.as_str() == mod_id);
        status.map(|it| it.status)
    }

    fn check_bystander(&mut self) {
        let mut game = World::default();
        let bystander = &mut self.bystander;
        let dispatched = self.mods.with(&mut game, |mods| bystander.check(mods));
        self.hear_dispatched(&dispatched);
    }

    fn hear_dispatched(&mut self, dispatched: &Dispatched) {
        self.hear(&dispatched.errors);
    }

    fn hear_result(&mut self, result: Result<(), Problem>) {
        if let Err(problem) = result {
            self.hear(&[problem]);
        }
    }

    fn hear_report_or(&mut self, report: Result<ReloadReport, Problem>) {
        match report {
            Ok(report) => self.hear_reports(&[report]),
            Err(problem) => self.hear(&[problem]),
        }
    }

    fn hear_reports(&mut self, reports: &[ReloadReport]) {
        for one in reports.iter().flat_map(|report| &report.mods) {
            match one.outcome {
                Outcome::Reloaded => self.tally.reloaded += 1,
                Outcome::Kept => self.tally.kept += 1,
                Outcome::RolledBack => self.tally.rolled_back += 1,
                _ => {}
            }
            self.hear(&one.problems);
            let carried = &one.carried;
            let lists = [
                &carried.kept,
                &carried.dropped,
                &carried.conflicts,
                &carried.not_saved,
            ];
            for path in lists.into_iter().flatten() {
                self.must_be_fit(path);
            }
        }
    }

    fn hear(&mut self, problems: &[Problem]) {
        for problem in problems {
            let tally = &mut self.tally;
            tally.problems += 1;
            tally.out_of_time += u64::from(problem.code == Code::TIME_LIMIT);
            tally.out_of_memory += u64::from(problem.code == Code::MEMORY_LIMIT);
            self.must_be_fit(&problem.because);
            self.must_be_fit(problem.hint.as_deref().unwrap_or_default());
            self.must_be_fit(&problem.to_string());
        }
    }

    /// What a player may see: one line, without what steers a terminal or turns the writing round, and without
    /// paths of the machine.
    fn must_be_fit(&self, text: &str) {
        let steers = |c: char| {
            c.is_control()
                || ('\u{202A}'..='\u{202E}').contains(&c)
                || ('\u{2066}'..='\u{2069}').contains(&c)
        };
        let lines = text.split('\n').collect::<Vec<_>>();
        assert!(
            !lines.iter().any(|line| line.contains(steers)),
            "is not fit to be shown: {text:?}"
        );
        let folder = self.folder.path().to_string_lossy();
        let is_told: bool = Path::new(&*folder).is_absolute() && text.contains(&*folder);
        assert!(!is_told, "tells where the mods are: {text:?}");
    }
}

/// Values of all kinds that the game may send.
fn payload(count: u64) -> Value {
    let text = |text: &[u8]| Value::String(text.into());
    match count % 6 {
        0 => Value::Nil,
        1 => Value::Number(count as f64),
        2 => text(b"a\0\xFF"),
        3 => Value::Table(vec![
            (text(b"x"), Value::Number(1.0)),
            (text(b"again"), Value::Ref(0)),
        ]),
        4 => Value::Buffer([1, 2, 3].into()),
        _ => Value::Boolean(true),
    }
}
