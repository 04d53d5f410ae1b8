//! A program as a file has it: its steps, the versions of its script, and other files.

use std::collections::BTreeMap;

/// What can happen to a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Used for events that it may listen to.
    Dispatch,
    /// Used for its timers and tasks.
    Advance,
    /// Used for what it exports.
    Call,
    /// Used for code in its environment.
    Eval,
    /// Used for the next version of its script.
    Next,
    /// Used for a save with a syntax error.
    Broken,
    /// Used for a reload although nothing has changed.
    Reload,
    /// Used for one that drops what can't be carried.
    ReloadDropping,
    /// Used for a save of the game.
    Save,
    /// Used for going back to that.
    Restore,
    /// Used for its code of before.
    Rollback,
    /// Used for its code and its state of before.
    RollbackThen,
    /// Used for undoing either.
    Redo,
    /// Used for another value in its config.
    Config,
    /// Used for another asset.
    Asset,
    /// Used for a frame of the game.
    Pump,
    /// Used for looking at its state.
    Look,
    /// Used for taking its neighbour away, and for bringing it back.
    Neighbour,
}

/// The steps by the names that they have in a file.
pub(super) const STEPS: &[(&str, Step)] = &[
    ("dispatch", Step::Dispatch),
    ("advance", Step::Advance),
    ("call", Step::Call),
    ("eval", Step::Eval),
    ("next", Step::Next),
    ("broken", Step::Broken),
    ("reload", Step::Reload),
    ("reload dropping", Step::ReloadDropping),
    ("save", Step::Save),
    ("restore", Step::Restore),
    ("rollback", Step::Rollback),
    ("rollback then", Step::RollbackThen),
    ("redo", Step::Redo),
    ("config", Step::Config),
    ("asset", Step::Asset),
    ("pump", Step::Pump),
    ("look", Step::Look),
    ("neighbour", Step::Neighbour),
];

/// The settings of a program: small limits, so that they are often met.
pub(super) fn settings(on_uncarryable: &str) -> String {
    format!(
        "[limits]\nmemory = 4194304\nload_time = 50\nhandler_time = 10\nhandlers = 64\n\
         [hot_reload.reload_queue]\nreload_timeout = 1\n\
         [hot_reload.state_management]\nhistory = 3\non_uncarryable = \"{on_uncarryable}\"\n"
    )
}

pub(super) const MANIFEST: &str = "id = 'wild'\nversion = '1.0.0'\n[dependencies]\nbystander = '*'\n\
    neighbour = { version = '*', optional = true }\n\
    [capabilities]\noptional = ['game.secret', 'game.forbidden']\n\
    [config.rate]\ntype = 'float'\ndefault = 0.5\n";
pub(super) const MANIFEST_OF_NEIGHBOUR: &str =
    "id = 'neighbour'\nversion = '1.0.0'\n[dependencies]\nbystander = '*'\n";
pub(super) const MAIN: &str = "mods/wild/scripts/main.lua";

/// A program as a file has it.
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    pub(super) versions: Vec<String>,
    pub(super) files: BTreeMap<String, String>,
}

impl Program {
    /// Reads lines `-- > STEP`, and parts that begin with `--@ next` and `--@ file PATH`.
    pub(super) fn read(text: &str) -> Program {
        let mut program = Program {
            steps: Vec::new(),
            versions: vec![String::new()],
            files: BTreeMap::new(),
        };
        let mut file = None;
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("-- > ") {
                let step = STEPS.iter().find(|(known, _)| *known == name);
                let (_, step) = step.unwrap_or_else(|| panic!("`{name}` is no step"));
                program.steps.push(*step);
            } else if line == "--@ next" {
                program.versions.push(String::new());
                file = None;
            } else if let Some(path) = line.strip_prefix("--@ file ") {
                file = Some(path.to_owned());
            } else {
                let last = program
                    .versions
                    .last_mut()
                    .expect("there is a first version");
                let part = match &file {
                    Some(path) => program.files.entry(path.clone()).or_default(),
                    None => last,
                };
                *part += line;
                part.push('\n');
            }
        }
        program
    }
}
