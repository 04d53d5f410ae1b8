//! Staging: building the new generations of one transaction beside the running ones.
//!
//! Everything that can fail happens here, and nothing here changes a running mod: the manager is only
//! borrowed. Dropping a [`Staged`] is the rollback.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::files::ContentHash;
use crate::lua::carry::{self, CaptureLimits, Captured};
use crate::lua::{AssetView, Birth, Hook, LoadedModules, Scripts, Vm};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{Action, Carried, Step, Transaction};
use crate::settings::{HotReload, OnUncarryable};
use crate::state::{self, Image, Paths};
use crate::value::Value;

use super::ModManager;
use super::running::{Assets, Source};

/// The new generations of one transaction, ready to be switched to.
pub(super) struct Staged {
    pub(super) mods: Vec<StagedMod>,
}

/// One new generation.
pub(super) struct StagedMod {
    pub(super) vm: Arc<Vm>,
    pub(super) source: Source,
    pub(super) base: Image,
    pub(super) assets: Assets,
    pub(super) player_config: Option<ContentHash>,
    pub(super) carried: Carried,
    /// What does not keep the mod from running.
    pub(super) notes: Vec<Problem>,
    pub(super) times: StageTimes,
    pub(super) state_bytes: usize,
    pub(super) is_rollback: bool,
}

/// How long staging one mod took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StageTimes {
    pub(super) stage: Duration,
    pub(super) capture: Duration,
    pub(super) restore: Duration,
}

/// Why a transaction was not staged.
pub(super) struct Refusal {
    /// The mod that is the reason.
    pub(super) mod_id: ModId,
    pub(super) problems: Vec<Problem>,
    /// What its VM had loaded and looked for until then.
    pub(super) modules: LoadedModules,
    /// Mods that have to come along; then the transaction is tried again with them.
    pub(super) widened_by: Vec<ModId>,
}

/// How a transaction is staged, beside what the plan says.
#[derive(Clone, Debug, Default)]
pub(super) struct StageOptions {
    /// Whether what can't be carried is dropped, whatever the settings say.
    pub(super) drop_uncarryable: bool,
    /// States to restore, in place of those of the running mods.
    pub(super) restore: BTreeMap<ModId, super::running::Parked>,
}

/// Builds the new generation of every mod of `transaction`.
///
/// # Errors
/// The first mod that can't come up, and why.
pub(super) fn stage(
    manager: &ModManager,
    transaction: &Transaction,
    options: &StageOptions,
) -> Result<Staged, Box<Refusal>> {
    let stager = Stager {
        manager,
        options,
        transaction,
    };
    let staged = stager.run();
    manager.hub.clear_staged();
    staged
}

struct Stager<'a> {
    manager: &'a ModManager,
    options: &'a StageOptions,
    transaction: &'a Transaction,
}

impl Stager<'_> {
    fn run(&self) -> Result<Staged, Box<Refusal>> {
        let steps = self
            .transaction
            .steps
            .iter()
            .filter(|step| makes_a_vm(&step.action));
        let mut mods = Vec::new();
        for step in steps {
            mods.push(self.cold(step)?);
        }
        self.check_exports(&mods)?;
        for staged in &mut mods {
            self.carry(staged)
                .map_err(|refusal| with_modules(refusal, &staged.vm))?;
        }
        Ok(Staged { mods })
    }

    /// Makes the VM of one mod and runs its code, exactly as at a first start.
    fn cold(&self, step: &Step) -> Result<StagedMod, Box<Refusal>> {
        let started = Instant::now();
        let mod_id = &step.mod_id;
        let refuse = |problems: Vec<Problem>| refusal(mod_id, problems);
        let (source, notes) = self.source_of(step).map_err(refuse)?;
        let assets = self.assets_of(&source);
        let generation = self.manager.last_generation(mod_id) + 1;
        let vm = self
            .vm(&source, generation, assets.clone())
            .map_err(|problem| refuse(vec![problem]))?;
        let vm = Arc::new(vm);
        self.manager.hub.put_staged(vm.clone());
        let refuse_vm =
            |problem: Problem| with_modules(refuse(vec![self.with_source(problem, &source)]), &vm);
        vm.run_entry().map_err(refuse_vm)?;
        let base = self.capture(&vm).map_err(refuse_vm)?.image;
        let player = self
            .manager
            .reading
            .player_config
            .get(mod_id.as_str())
            .map(|file| file.hash);
        Ok(StagedMod {
            vm,
            source,
            base,
            assets,
            player_config: player,
            carried: Carried::default(),
            notes,
            times: StageTimes {
                stage: started.elapsed(),
                ..StageTimes::default()
            },
            state_bytes: 0,
            is_rollback: matches!(step.action, Action::RollBack { .. }),
        })
    }

    /// What the new VM is made from.
    fn source_of(&self, step: &Step) -> Result<(Source, Vec<Problem>), Vec<Problem>> {
        let mod_id = &step.mod_id;
        if let Action::RollBack { to } = step.action {
            return self
                .past_of(mod_id, to)
                .map(|source| (source, Vec::new()))
                .map_err(|problem| vec![problem]);
        }
        let Some((folder, read)) = self.manager.folder_of(mod_id) else {
            return Err(vec![
                Problem::error(Code::NO_MANIFEST, "has no folder any more").of(mod_id),
            ]);
        };
        let Some(manifest) = read.usable() else {
            return Err(read.problems.to_vec());
        };
        if let Some(running) = self.manager.running.get(mod_id)
            && self.manager.is_refused_version(manifest, running)
        {
            let (new, old) = (&manifest.version, &running.source.manifest.version);
            let because =
                format!("went from version {old} down to {new}, and version_policy is \"newer\"");
            let problem = Problem::error(Code::VERSION_POLICY, because)
                .of(mod_id)
                .at(manifest.place.clone());
            return Err(vec![
                problem.hint("raise the version, or set version_policy = \"any\""),
            ]);
        }
        self.check_capabilities(manifest)?;
        let (config, problems) = self.manager.config_of(manifest, &read.files);
        let dependencies: BTreeSet<ModId> = self
            .manager
            .resolution
            .dependencies_of(mod_id)
            .into_iter()
            .cloned()
            .collect();
        let mut scripts = BTreeMap::from([(mod_id.clone(), read.scripts.clone())]);
        for dependency in &dependencies {
            scripts.extend(
                self.scripts_of(dependency)
                    .map(|scripts| (dependency.clone(), scripts)),
            );
        }
        tracing::debug!(%mod_id, %folder, "staging");
        let files = read.files.clone();
        Ok((
            Source {
                manifest: manifest.clone(),
                files,
                scripts,
                config,
                dependencies,
            },
            problems,
        ))
    }

    fn past_of(&self, mod_id: &ModId, generation: u64) -> Result<Source, Problem> {
        let past = self.manager.history.get(mod_id);
        let past = past.and_then(|past| past.iter().find(|past| past.generation == generation));
        past.map(|past| past.source.clone()).ok_or_else(|| {
            Problem::error(
                Code::KEPT,
                format!("has no generation {generation} in its history"),
            )
            .of(mod_id)
            .hint("see `history` for those that are kept; state_management.history says how many")
        })
    }

    /// The scripts of a dependency: those that it will run with after the switch.
    fn scripts_of(&self, dependency: &ModId) -> Option<Arc<Scripts>> {
        let is_in_this = self
            .transaction
            .steps
            .iter()
            .any(|step| step.mod_id == *dependency && makes_a_vm(&step.action));
        let read = || {
            self.manager
                .folder_of(dependency)
                .map(|(_, read)| read.scripts.clone())
        };
        let running = || {
            self.manager
                .running
                .get(dependency)
                .map(|running| running.source.own_scripts())
        };
        if is_in_this {
            read()
        } else {
            running().or_else(read)
        }
    }

    fn check_capabilities(&self, manifest: &crate::manifest::Manifest) -> Result<(), Vec<Problem>> {
        let granted = self.manager.granted(manifest);
        let missing = manifest
            .capabilities
            .required
            .iter()
            .filter(|wanted| !granted.contains(*wanted));
        let problems: Vec<Problem> = missing
            .map(|capability| {
                let because =
                    format!("needs the capability \"{capability}\", which the game does not grant");
                Problem::error(Code::CAPABILITY_REFUSED, because)
                    .of(&manifest.id)
                    .at(manifest.place.clone())
                    .hint("ask the game's makers, or make it optional and do without")
            })
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    fn vm(&self, source: &Source, generation: u64, assets: Assets) -> Result<Vm, Problem> {
        let config = source
            .config
            .iter()
            .map(|entry| (entry.key.clone(), entry.value.clone()))
            .collect();
        let listed = source
            .manifest
            .dependencies
            .iter()
            .map(|dependency| dependency.id.clone());
        let birth = Birth {
            mod_id: source.mod_id().clone(),
            version: source.manifest.version.clone(),
            generation,
            entry: source.manifest.entry.clone(),
            scripts: source.scripts.clone(),
            dependencies: listed.collect(),
            config,
            assets,
            capabilities: self.manager.granted(&source.manifest),
            limits: self.manager.reading.settings.limits.clone(),
        };
        self.manager.engine.vm(birth, self.manager.hub.clone())
    }

    /// The assets that the new VM sees: one that is different has the next version.
    fn assets_of(&self, source: &Source) -> Assets {
        let running = self.manager.running.get(source.mod_id());
        let before =
            running.map(|running| (running.assets.lock().clone(), running.source.files.clone()));
        let assets = source
            .files
            .iter()
            .filter(|(path, _)| source.is_asset(path))
            .map(|(path, file)| {
                let old = before
                    .as_ref()
                    .and_then(|(views, files)| Some((views.get(path)?, files.get(path)?)));
                let version = match old {
                    None => 1,
                    Some((view, old)) => view.version + u64::from(old.hash != file.hash),
                };
                (
                    path.clone(),
                    AssetView {
                        version,
                        size: file.size,
                    },
                )
            });
        Arc::new(parking_lot::Mutex::new(assets.collect()))
    }

    /// Dependents that use an export which the new code lacks have to come along.
    fn check_exports(&self, mods: &[StagedMod]) -> Result<(), Box<Refusal>> {
        let is_here = |mod_id: &ModId| mods.iter().any(|staged| staged.source.mod_id() == mod_id);
        for staged in mods {
            let mod_id = staged.source.mod_id();
            let Some(running) = self.manager.running.get(mod_id) else {
                continue;
            };
            let lacks_one = {
                let (new, old) = (staged.vm.ledger(), running.vm.ledger());
                old.exports
                    .keys()
                    .any(|name| !new.exports.contains_key(name))
            };
            let dependents = self.manager.resolution.dependents_of(mod_id);
            let joining = dependents
                .into_iter()
                .filter(|id| self.manager.running.contains_key(*id) && !is_here(id));
            let joining: Vec<ModId> = joining.cloned().collect();
            if lacks_one && !joining.is_empty() {
                return Err(Box::new(Refusal {
                    widened_by: joining,
                    ..*refusal(mod_id, Vec::new())
                }));
            }
        }
        Ok(())
    }

    /// Brings the state of the running generation, or of a save, into the staged one.
    fn carry(&self, staged: &mut StagedMod) -> Result<(), Box<Refusal>> {
        let mod_id = staged.source.mod_id().clone();
        let refuse = |problem: Problem| refusal(&mod_id, vec![problem]);
        let settings = staged.settings(self.manager);
        let started = Instant::now();
        let old = self.old_state(&mod_id, staged, &settings)?;
        staged.times.capture = started.elapsed();
        let started = Instant::now();
        if let Some(old) = &old {
            self.replay(staged, old).map_err(refuse)?;
        }
        let about = self.load_payload(staged, old.as_ref());
        staged.vm.run_hook(Hook::Load, &[about]).map_err(|fault| {
            let problem = self.with_source(fault.problem(&mod_id, "in on_load"), &staged.source);
            refuse(problem.hint("on_load runs before the switch; the generation before runs on"))
        })?;
        staged.times.restore = started.elapsed();
        Ok(())
    }

    fn old_state(
        &self,
        mod_id: &ModId,
        staged: &mut StagedMod,
        settings: &HotReload,
    ) -> Result<Option<OldState>, Box<Refusal>> {
        let parked = self.options.restore.get(mod_id);
        let running = self.manager.running.get(mod_id);
        if let Some(parked) = parked.or_else(|| {
            self.manager
                .parked
                .get(mod_id)
                .filter(|_| running.is_none())
        }) {
            let version = parked.version.clone();
            let (base, live) = (parked.base.clone(), parked.live.clone());
            return Ok(Some(OldState {
                base,
                live,
                version,
                reason: "restore",
            }));
        }
        let Some(running) = running.filter(|_| settings.state_management.preserve_state) else {
            return Ok(None);
        };
        if let Err(fault) = running.vm.run_hook(Hook::Save, &[])
            && !running.vm.is_latched()
        {
            staged.notes.push(fault.problem(mod_id, "in on_save"));
        }
        let captured = self
            .capture(&running.vm)
            .map_err(|problem| refusal(mod_id, vec![problem]))?;
        self.judge_uncarryable(&captured, staged, settings)?;
        let reason = if staged.is_rollback {
            "rollback"
        } else {
            "reload"
        };
        let version = running.source.manifest.version.clone();
        Ok(Some(OldState {
            base: running.base.clone(),
            live: captured.image,
            version,
            reason,
        }))
    }

    fn judge_uncarryable(
        &self,
        captured: &Captured,
        staged: &mut StagedMod,
        settings: &HotReload,
    ) -> Result<(), Box<Refusal>> {
        let is_dropped = self.options.drop_uncarryable
            || settings.state_management.on_uncarryable == OnUncarryable::Drop;
        let mod_id = staged.source.mod_id();
        let problems = captured.uncarryable.iter().map(|what| {
            let because = format!("can't be carried: {} is {}", what.path, what.what);
            Problem::error(Code::UNCARRYABLE, because)
                .of(mod_id)
                .hint(what.hint)
        });
        if is_dropped {
            staged.carried.dropped.extend(
                captured
                    .uncarryable
                    .iter()
                    .map(|what| what.path.to_string()),
            );
            return Ok(());
        }
        let problems: Vec<Problem> = problems.collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(refusal(mod_id, problems))
        }
    }

    fn replay(&self, staged: &mut StagedMod, old: &OldState) -> Result<(), Problem> {
        let mod_id = staged.source.mod_id().clone();
        let fail = |why: String| Problem::error(Code::UNCARRYABLE, why).of(&mod_id);
        let new = self.capture(&staged.vm)?;
        let again = self.again(staged, old);
        let replay = state::replay(&old.base, &old.live, &new.image, again.as_ref());
        let names = staged.vm.names_by_name();
        carry::apply(
            staged.vm.lua(),
            &staged.vm.slots(),
            Some(names),
            &new,
            &replay,
            &old.live,
        )
        .map_err(|why| {
            fail(format!("the state {why}")).hint("raise limits.memory in lunation.toml")
        })?;
        staged.state_bytes = old.live.bytes_len();
        let report = &replay.report;
        staged.carried.bytes = old.live.bytes_len() as u64;
        staged.carried.entries = report.kept;
        staged.carried.replaced = names_of(&report.replaced);
        staged.carried.added = names_of(&report.added);
        staged.carried.dropped.extend(names_of(&report.dropped));
        staged.carried.conflicts = names_of(&report.conflicts);
        Ok(())
    }

    /// What the old code gives when it is staged once more: made only where the defaults differ.
    fn again(&self, staged: &StagedMod, old: &OldState) -> Option<Image> {
        let running = self.manager.running.get(staged.source.mod_id())?;
        if old.reason == "restore" || old.base.is_same(&staged.base) {
            return None;
        }
        let assets = Arc::new(parking_lot::Mutex::new(running.assets.lock().clone()));
        let vm = self
            .vm(&running.source, running.generation(), assets)
            .ok()?;
        vm.run_entry().ok()?;
        self.capture(&vm).ok().map(|captured| captured.image)
    }

    fn capture(&self, vm: &Vm) -> Result<Captured, Problem> {
        let settings = &self.manager.reading.settings.hot_reload.state_management;
        capture(vm, settings.max_state_size)
    }

    fn load_payload(&self, staged: &StagedMod, old: Option<&OldState>) -> Value {
        let text = |text: &str| Value::from(text);
        let version = staged.source.manifest.version.to_string();
        let dropped = staged.carried.dropped.iter().zip(1_i64..);
        let dropped = dropped
            .map(|(path, n)| (Value::Integer(n), text(path)))
            .collect();
        let mut about = vec![
            (text("reason"), text(old.map_or("start", |old| old.reason))),
            (text("to_version"), text(&version)),
            (
                text("generation"),
                Value::Integer(staged.vm.generation() as i64),
            ),
            (text("dropped"), Value::Table(dropped)),
        ];
        if let Some(old) = old {
            about.push((text("from_version"), text(&old.version.to_string())));
        }
        Value::Table(about)
    }

    /// A problem of a mod whose name in messages is a path keeps it; others get the manifest's.
    fn with_source(&self, problem: Problem, source: &Source) -> Problem {
        let has_place = problem.place.is_some() || problem.code != Code::MISSING_ENTRY;
        if has_place {
            problem
        } else {
            problem.at(source.manifest.place.clone())
        }
    }
}

/// The state that comes into a new generation.
struct OldState {
    base: Image,
    live: Image,
    version: semver::Version,
    reason: &'static str,
}

/// The state of a VM as an image.
pub(super) fn capture(vm: &Vm, bytes_max: u64) -> Result<Captured, Problem> {
    let limits = CaptureLimits {
        bytes_max: bytes_max as usize,
        entries_max: u64::MAX,
    };
    let names = vm.names_by_value();
    carry::capture(vm.lua(), &vm.slots(), names.as_ref(), limits, 0).map_err(|why| {
        let problem = Problem::error(Code::STATE_TOO_LARGE, format!("has a state that {why}"));
        problem
            .of(vm.mod_id())
            .hint("keep less in mod.state, or raise state_management.max_state_size")
    })
}

impl Source {
    /// Whether the file at `path` is an asset.
    pub(super) fn is_asset(&self, path: &str) -> bool {
        let (kind, _) = crate::change::classify(path, &self.manifest.assets);
        kind == crate::change::Kind::Asset
    }
}

impl StagedMod {
    /// The settings that hold for this mod.
    fn settings(&self, manager: &ModManager) -> HotReload {
        self.source
            .manifest
            .hot_reload
            .over(&manager.reading.settings.hot_reload)
    }
}

fn names_of(paths: &Paths) -> Vec<String> {
    paths.names.iter().map(ToString::to_string).collect()
}

fn makes_a_vm(action: &Action) -> bool {
    matches!(
        action,
        Action::Load | Action::Reload { .. } | Action::RollBack { .. }
    )
}

fn refusal(mod_id: &ModId, problems: Vec<Problem>) -> Box<Refusal> {
    let (modules, widened_by) = (LoadedModules::default(), Vec::new());
    Box::new(Refusal {
        mod_id: mod_id.clone(),
        problems,
        modules,
        widened_by,
    })
}

fn with_modules(refusal: Box<Refusal>, vm: &Vm) -> Box<Refusal> {
    Box::new(Refusal {
        modules: vm.loaded_modules(),
        ..*refusal
    })
}
