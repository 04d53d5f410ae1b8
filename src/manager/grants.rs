//! What the host grants to mods, and what waits for its answer.
//!
//! The rule of [`Builder::grant`](super::Builder::grant) is asked until a mod has come up once; then its answer is
//! remembered for as long as the manager lives, whatever becomes of the mod. What a later manifest asks for beyond
//! it is held: staging refuses it, as it would a broken edit, until [`ModManager::answer`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::change::Kind;
use crate::manifest::{Capability, Manifest};
use crate::mod_id::ModId;
use crate::near::near;
use crate::problem::{Code, Problem};
use crate::reload::{Answer, Cause, ModEvent, Permit};

use super::ModManager;
use super::running::Running;
use super::words::{Grant, ModGrants};

/// Names that one message lists; a manifest may ask for thousands.
const NAMES_MAX: usize = 8;

/// Unknown capabilities of one mod that are told one by one.
const UNKNOWN_MAX: usize = 8;

/// What is remembered of the host's answers, by mod.
pub(super) type Answers = BTreeMap<ModId, Answer>;

/// What a mod gets of what it asks for, and what it does not get.
type Shares = (BTreeSet<String>, BTreeSet<String>);

impl ModManager {
    /// What each mod has been granted of what its manifest asks for, what it was denied, and what it waits for.
    pub fn grants(&self) -> Vec<ModGrants> {
        let accepted = self.resolution.mods.keys();
        let mods: BTreeSet<&ModId> = accepted.chain(self.running.keys()).collect();
        let mods = mods.into_iter().filter_map(|mod_id| self.grants_of(mod_id));
        mods.filter(|grants| !grants.is_empty()).collect()
    }

    /// The mods whose change is held because it asks for more than was granted.
    pub fn held(&self) -> Vec<ModGrants> {
        let mut held = self.grants();
        held.retain(|grants| !grants.asks.is_empty());
        held
    }

    /// Answers what a mod asks for beyond what it was granted, as [`ModManager::grants`] lists it: it gets what
    /// `grant` has of that, and is denied the rest; what it has it keeps. What follows happens at the next
    /// [`ModManager::pump`].
    ///
    /// # Errors
    /// The mod asks for nothing that it was not granted.
    ///
    /// ```
    /// # use lunation::{Grant, ModManager};
    /// # fn decide(mods: &mut ModManager, is_trusted: impl Fn(&str) -> bool) -> Result<(), lunation::Problem> {
    /// for held in mods.held() {
    ///     let allowed = held.asks.iter().filter(|capability| is_trusted(capability));
    ///     mods.answer(&held.mod_id, Grant::only(allowed.cloned()))?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn answer(&mut self, mod_id: &ModId, grant: Grant) -> Result<(), Problem> {
        let manifest = self.asking(mod_id).cloned();
        let manifest = manifest.ok_or_else(|| nothing_to_answer().of(mod_id))?;
        let before = self.answer_to(&manifest);
        let [_, denied, unanswered] = before.split(&manifest.capabilities);
        let asked: BTreeSet<String> = denied.union(&unanswered).cloned().collect();
        if asked.is_empty() {
            return Err(nothing_to_answer().of(mod_id));
        }
        let (granted, denied) = asked.into_iter().partition(|name| grant.0.contains(name));
        let answer = before.with(&manifest.capabilities, &granted);
        self.answers.insert(mod_id.clone(), answer);
        let has_news = !granted.is_empty() || !unanswered.is_empty();
        self.tell_granted(mod_id, granted, denied);
        if has_news && self.resolution.accepts(mod_id) {
            self.forget_refusals_with(mod_id);
            let cause = Cause::Asked {
                by: "the host".into(),
            };
            let request = self.request(mod_id, Kind::Full, cause);
            self.batch.push(request);
        }
        Ok(())
    }

    /// What one mod has and asks for, if it runs or could.
    pub(super) fn grants_of(&self, mod_id: &ModId) -> Option<ModGrants> {
        let manifest = self.asking(mod_id)?;
        let [mut granted, denied, asks] = self.answer_to(manifest).split(&manifest.capabilities);
        let running = self.running.get(mod_id).into_iter();
        granted.extend(running.flat_map(|running| running.source.granted.iter().cloned()));
        Some(ModGrants {
            mod_id: mod_id.clone(),
            granted: granted.into_iter().collect(),
            denied: denied.into_iter().collect(),
            asks: asks.into_iter().collect(),
        })
    }

    /// The manifest that asks: the one on disk, if the mod can be loaded with it, else the one that runs.
    pub(super) fn asking(&self, mod_id: &ModId) -> Option<&Arc<Manifest>> {
        let on_disk = || self.folder_of(mod_id)?.1.usable();
        let running = self.running.get(mod_id);
        let is_accepted = self.resolution.accepts(mod_id);
        let on_disk = is_accepted.then(on_disk).flatten();
        on_disk.or_else(|| running.map(|running| &running.source.manifest))
    }

    /// What the host says to a manifest: what it has said before, and what its rules say.
    fn answer_to(&self, manifest: &Manifest) -> Answer {
        let asked = &manifest.capabilities;
        let Some(answer) = self.answers.get(&manifest.id) else {
            let rule = self.hooks.grant.as_ref();
            let grant = rule.map_or_else(|| Grant::requested(manifest), |rule| rule(manifest));
            return Answer::default().with(asked, &grant.0);
        };
        let [granted, denied, asks] = answer.split(asked).map(Vec::from_iter);
        let rule = self.hooks.grant_more.as_ref();
        let grant = rule.filter(|_| !asks.is_empty()).and_then(|rule| {
            rule(&ModGrants {
                mod_id: manifest.id.clone(),
                granted,
                denied,
                asks,
            })
        });
        match grant {
            Some(grant) => answer.clone().with(asked, &grant.0),
            None => answer.clone(),
        }
    }

    /// What a mod gets with this manifest.
    ///
    /// # Errors
    /// Why it can't run with it: the host denied what it requires, or was not asked yet.
    pub(super) fn granted(&self, manifest: &Manifest) -> Result<Shares, Vec<Problem>> {
        match self.answer_to(manifest).judge(&manifest.capabilities) {
            Permit::Granted { granted, denied } => Ok((granted, denied)),
            Permit::Refused(missing) => Err(missing
                .into_iter()
                .take(NAMES_MAX)
                .map(|capability| refused(capability).of(&manifest.id))
                .collect()),
            Permit::Held(more) => {
                let mut problems = vec![self.held_problem(manifest, &more)];
                problems.extend(self.unknown_capabilities(manifest));
                Err(problems)
            }
        }
    }

    /// What an earlier generation gets: nothing is held for a way back, it does without.
    ///
    /// # Errors
    /// The host does not grant what it requires.
    pub(super) fn granted_to_past(&self, manifest: &Manifest) -> Result<Shares, Problem> {
        let [granted, denied, unanswered] = self.answer_to(manifest).split(&manifest.capabilities);
        let mut required = manifest.capabilities.required.iter();
        match required.find(|one| !granted.contains(&one.name)) {
            Some(missing) => Err(refused(missing).of(&manifest.id)),
            None => Ok((granted, denied.union(&unanswered).cloned().collect())),
        }
    }

    /// Remembers what a generation that has taken over was granted; what was answered with it is told.
    pub(super) fn remember_grants(&mut self, mod_id: &ModId) {
        let Some(Running { source, .. }) = self.running.get(mod_id) else {
            return;
        };
        let asked = &source.manifest.capabilities;
        let answer = self.answers.entry(mod_id.clone()).or_default();
        let [_, _, news] = answer.split(asked);
        *answer = std::mem::take(answer).with(asked, &source.granted);
        let is_granted = |name: &String| source.granted.contains(name);
        let (granted, denied) = news.into_iter().partition(is_granted);
        self.tell_granted(mod_id, granted, denied);
    }

    fn tell_granted(
        &mut self,
        mod_id: &ModId,
        granted: BTreeSet<String>,
        denied: BTreeSet<String>,
    ) {
        if granted.is_empty() && denied.is_empty() {
            return;
        }
        let event = ModEvent::Granted {
            mod_id: mod_id.clone(),
            generation: self.generation_of(mod_id),
            granted: granted.into_iter().collect(),
            denied: denied.into_iter().collect(),
        };
        self.subscribers.tell(&event);
    }

    /// Tells everybody that a mod is held, if it is: why.
    pub(super) fn tell_held(&mut self, mod_id: &ModId) -> Option<Vec<Problem>> {
        let grants = self.grants_of(mod_id).filter(|it| !it.asks.is_empty())?;
        let problems = self.granted(self.asking(mod_id)?).err()?;
        let event = ModEvent::Held {
            mod_id: mod_id.clone(),
            generation: self.generation_of(mod_id),
            granted: grants.granted,
            asks: grants.asks,
        };
        self.subscribers.tell(&event);
        Some(problems)
    }

    fn held_problem(&self, manifest: &Manifest, more: &[&Capability]) -> Problem {
        let grants = self.grants_of(&manifest.id);
        let has = listed(grants.iter().flat_map(|it| &it.granted).map(String::as_str));
        let has = if has.is_empty() { "nothing" } else { &has };
        let asks = listed(more.iter().map(|capability| &*capability.name));
        let because = format!("asks for {asks} beyond what it was granted ({has})");
        let hint = match self.running.contains_key(&manifest.id) {
            true => "the game decides; until it has, the code from before runs on",
            false => "the game decides; until it has, the mod is not loaded",
        };
        let place = more.first().map(|capability| capability.place.clone());
        Problem::error(Code::CAPABILITY_HELD, because)
            .of(&manifest.id)
            .at(place.unwrap_or_else(|| manifest.place.clone()))
            .hint(hint)
    }

    /// The capabilities that no function of the host needs, unless the manifest that runs is this one.
    pub(super) fn news_of_unknown_capabilities(&self, manifest: &Manifest) -> Vec<Problem> {
        let running = self.running.get(&manifest.id);
        let asked = running.map(|running| &running.source.manifest.capabilities);
        match asked == Some(&manifest.capabilities) {
            true => Vec::new(),
            false => self.unknown_capabilities(manifest),
        }
    }

    /// The capabilities of a manifest that no function of the host needs.
    pub(super) fn unknown_capabilities(&self, manifest: &Manifest) -> Vec<Problem> {
        let known: BTreeSet<&str> = self.engine.capabilities().collect();
        let asked = manifest.capabilities.all();
        let unknown: Vec<&Capability> = asked.filter(|it| !known.contains(&*it.name)).collect();
        let more = unknown.len().saturating_sub(UNKNOWN_MAX);
        let told = unknown.iter().take(UNKNOWN_MAX);
        let mut problems: Vec<Problem> = told.map(|it| unknown_problem(it, &known)).collect();
        if let Some(first) = unknown.get(UNKNOWN_MAX) {
            let because = format!("asks for {more} more capabilities that no function needs");
            let problem = Problem::warning(Code::UNKNOWN_CAPABILITY, because);
            problems.push(problem.at(first.place.clone()).hint("leave them out"));
        }
        let problems = problems.into_iter();
        problems.map(|problem| problem.of(&manifest.id)).collect()
    }
}

fn refused(capability: &Capability) -> Problem {
    let name = &capability.name;
    let because = format!("needs the capability \"{name}\", which the game does not grant");
    Problem::error(Code::CAPABILITY_REFUSED, because)
        .at(capability.place.clone())
        .hint("ask the game's makers, or make it optional and do without")
}

fn unknown_problem(capability: &Capability, known: &BTreeSet<&str>) -> Problem {
    let name = &capability.name;
    let because =
        format!("asks for the capability \"{name}\", which no function of the game needs");
    let hint = match meant(name, known) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None if known.is_empty() => "leave it out: this game has no capabilities".to_owned(),
        None => format!(
            "leave it out; the game has {}",
            listed(known.iter().copied())
        ),
    };
    Problem::warning(Code::UNKNOWN_CAPABILITY, because)
        .at(capability.place.clone())
        .hint(hint)
}

/// The capability that was probably meant: a near word in the same namespace, or the same word in a near one.
fn meant<'k>(name: &str, known: &BTreeSet<&'k str>) -> Option<&'k str> {
    let parts = |name: &'k str| name.rsplit_once('.').unwrap_or(("", name));
    let (space, word) = name.rsplit_once('.').unwrap_or(("", name));
    let in_space = known.iter().copied().filter(|name| parts(name).0 == space);
    let words = in_space.clone().map(|name| parts(name).1);
    let same_word = known.iter().copied().filter(|name| parts(name).1 == word);
    near(word, words)
        .and_then(|near| in_space.clone().find(|name| parts(name).1 == near))
        .or_else(|| near(name, same_word))
}

fn nothing_to_answer() -> Problem {
    Problem::error(Code::BAD_CALL, "asks for nothing that it was not granted")
        .hint("`grants` has what each mod has and asks for")
}

/// Some names, not too many.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    let shown = names.iter().take(NAMES_MAX).copied();
    let shown = shown.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
