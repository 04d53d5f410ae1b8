//! Migrations: a state of an older version is brought up to date in the staged VM, before it is replayed.

use crate::lua::{MigrateError, Vm};
use crate::problem::{Code, Problem};

use crate::files::ModFiles;
use crate::state::Migrations;

use super::carry::{OldState, check_size, limits, state_problem, too_large};
use super::{StagedMod, Stager, Way};

impl Stager<'_> {
    /// Runs the migrations that `old` has not had yet, each once and in order, on a copy.
    ///
    /// # Errors
    /// A migration failed, or the state is newer than the code and the code is not an earlier one on purpose.
    pub(super) fn migrate(
        &self,
        staged: &mut StagedMod,
        old: OldState,
    ) -> Result<OldState, Vec<Problem>> {
        let vm = staged.vm.clone();
        let (from, to) = (old.live.state_version(), vm.state_version());
        if from > to && staged.way != Way::Back {
            return Err(vec![too_new(&vm, from, to)]);
        }
        if from >= to {
            // There is no way down: what ran on it stays known, so that nothing runs on it twice.
            vm.set_state_version(from);
            return Ok(old);
        }
        let migrations = staged.source.migrations();
        let missing = migrations.missing(from);
        let settings = self.settings_of(staged);
        let common = &self.manager.reading.settings;
        let migrated = vm.migrate(&old.live, missing, limits(common));
        let migrated = migrated.map_err(|why| vec![problem_of(&vm, why)])?;
        check_size(&vm, &migrated.image, common).map_err(|problem| vec![problem])?;
        self.judge_uncarryable(&migrated.uncarryable, staged, &settings)?;
        let names = missing.iter().map(|migration| migration.path.to_string());
        staged.carried.migrated.extend(names);
        let runs = missing.iter().cloned().zip(migrated.times);
        staged.migrated.extend(runs);
        Ok(old.migrated(migrated.image))
    }
}

/// Refuses migrations that can't be put in order.
pub(super) fn check_migrations(files: &ModFiles) -> Result<(), Vec<Problem>> {
    match Migrations::of(files).1 {
        problems if problems.is_empty() => Ok(()),
        problems => Err(problems),
    }
}

fn problem_of(vm: &Vm, why: MigrateError) -> Problem {
    match why {
        MigrateError::Problem(problem) => *problem,
        MigrateError::Apply(why) => state_problem(vm, &why),
        MigrateError::Capture(why) => too_large(vm, &why),
    }
}

fn too_new(vm: &Vm, has: u32, knows: u32) -> Problem {
    let knows = match knows {
        0 => "the code has no migrations".to_owned(),
        knows => format!("the code has none after {knows}"),
    };
    let because = format!("has a state that had the migration {has}, and {knows}");
    Problem::error(Code::STATE_TOO_NEW, because)
        .of(vm.mod_id())
        .hint("get the version of the mod that the state is from, or a newer one; a migration that was deleted must come back")
}
