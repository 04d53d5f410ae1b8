//! What `require` finds: names to files of the mod's own copy, and of its dependencies by `@id/…`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::files::display_path;
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};

use super::code::File;
use super::compile::{Bytecode, Scripts};

/// Which files a VM has loaded, and which it looked for in vain: what it depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadedModules {
    /// Files by owner and path.
    pub loaded: BTreeSet<(ModId, Arc<str>)>,
    /// Paths that were looked for and not found.
    pub missing: BTreeSet<(ModId, Arc<str>)>,
}

/// The scripts that one VM can reach, and what it has loaded of them.
pub(super) struct Modules {
    own: ModId,
    scripts: BTreeMap<ModId, Arc<Scripts>>,
    /// Listed dependencies that are not there, to say so.
    dependencies: BTreeSet<ModId>,
    pub(super) loaded: LoadedModules,
    /// Files of earlier generations of which functions are left.
    past: Vec<Arc<File>>,
    /// The file of each module that was loaded, by its key in `package.loaded`.
    files: BTreeMap<String, (ModId, Arc<str>)>,
}

/// A module found: its key in `package.loaded`, and its file.
pub(super) struct Found {
    pub(super) key: String,
    owner: ModId,
    path: Arc<str>,
}

impl Modules {
    pub(super) fn new(
        own: ModId,
        scripts: BTreeMap<ModId, Arc<Scripts>>,
        dependencies: BTreeSet<ModId>,
    ) -> Modules {
        Modules {
            own,
            scripts,
            dependencies,
            loaded: LoadedModules::default(),
            past: Vec::new(),
            files: BTreeMap::new(),
        }
    }

    /// The modules that were loaded: the key of each in `package.loaded`, its owner, and its file.
    pub(super) fn loaded_files(&self) -> impl Iterator<Item = (&str, &ModId, &Arc<str>)> {
        let files = self.files.iter();
        files.map(|(key, (owner, path))| (&**key, owner, path))
    }

    /// Files of earlier generations of which functions are left.
    pub(super) fn past(&self) -> &[Arc<File>] {
        &self.past
    }

    /// Keeps such a file.
    pub(super) fn keep_past(&mut self, file: &Arc<File>) {
        if !self.past.iter().any(|known| known.is(file)) {
            self.past.push(file.clone());
        }
    }

    /// The scripts that the VM can reach, and whose it is.
    pub(super) fn scripts(&self) -> (&ModId, &BTreeMap<ModId, Arc<Scripts>>) {
        (&self.own, &self.scripts)
    }

    /// The name of a chunk, where the engine has cut it.
    pub(super) fn whole_name(&self, chunk: String) -> String {
        match chunk.starts_with("...") {
            true => self.known_file(&chunk).unwrap_or(chunk),
            false => chunk,
        }
    }

    /// What messages call the file of a found module.
    pub(super) fn display_path(&self, found: &Found) -> String {
        self.shown(&found.owner, &found.path)
    }

    /// What messages call the file of the module that has been asked for by this key.
    pub(super) fn file_of(&self, key: &str) -> Option<String> {
        let (owner, path) = self.files.get(key)?;
        Some(self.shown(owner, path))
    }

    fn shown(&self, owner: &ModId, path: &str) -> String {
        let scripts = self.scripts.get(owner);
        let folder = scripts.map_or(owner.as_str(), |scripts| &scripts.folder);
        display_path(folder, path)
    }

    /// The mod whose folder the chunk `source` is in.
    pub(super) fn owner_of_chunk(&self, source: &str) -> ModId {
        let folder = source.split('/').next().unwrap_or_default();
        let owner = self
            .scripts
            .iter()
            .find(|(_, scripts)| &*scripts.folder == folder);
        owner.map_or_else(|| self.own.clone(), |(id, _)| id.clone())
    }

    /// Finds what `name` means in a file of `asker`.
    pub(super) fn resolve(&mut self, name: &str, asker: &ModId) -> Result<Found, String> {
        let (owner, module) = match name.strip_prefix('@') {
            Some(rest) => self.split_dependency(name, rest, asker)?,
            None => (asker.clone(), name),
        };
        let parts: Vec<&str> = module.split(['.', '/']).collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(format!(
                "require({name:?}) is not a module name: write parts separated by dots, such as \"units.worker\""
            ));
        }
        let stem = format!("scripts/{}", parts.join("/"));
        let scripts = self.scripts.get(&owner);
        for extension in ["lua", "luau"] {
            let path: Arc<str> = format!("{stem}.{extension}").into();
            let is_there =
                scripts.is_some_and(|s| s.bytecode(&path).is_some() || s.problem(&path).is_some());
            if is_there {
                let key = if owner == self.own {
                    parts.join(".")
                } else {
                    format!("@{owner}/{}", parts.join("/"))
                };
                return Ok(Found { key, owner, path });
            }
            // If it appears one day, it is what this name means, also if a later extension is found now.
            self.loaded.missing.insert((owner.clone(), path));
        }
        let near = self.nearest(&owner, &stem);
        let near = near
            .map(|near| format!("; did you mean \"{near}\"?"))
            .unwrap_or_default();
        Err(format!(
            "module \"{name}\" is not there: no {stem}.lua in the mod {owner}{near}"
        ))
    }

    fn split_dependency<'a>(
        &self,
        name: &str,
        rest: &'a str,
        asker: &ModId,
    ) -> Result<(ModId, &'a str), String> {
        let (id, module) = rest.split_once('/').ok_or_else(|| {
            format!("require({name:?}) names no file: write \"@{rest}/file\" for scripts/file.lua of {rest}")
        })?;
        let id: ModId = id.parse().map_err(|why| {
            format!("require({name:?}): the mod id \"{id}\" is refused because it {why}")
        })?;
        if id == self.own || self.scripts.contains_key(&id) {
            Ok((id, module))
        } else if self.dependencies.contains(&id) {
            Err(format!("require({name:?}): the mod {id} is not loaded"))
        } else if *asker != self.own {
            Err(format!(
                "require({name:?}): this file of {asker} runs in {own}, and {id} is not in [dependencies] of {own}'s mod.toml",
                own = self.own
            ))
        } else {
            Err(format!(
                "require({name:?}): {id} is not in [dependencies] of this mod's mod.toml"
            ))
        }
    }

    /// The whole name of a file of which the VM may run code, from what a message calls it.
    pub(super) fn known_file(&self, file: &str) -> Option<String> {
        let own = self.scripts.get(&self.own).into_iter();
        let own = own.flat_map(|own| own.paths().map(|path| display_path(&own.folder, path)));
        let loaded = self.loaded.loaded.iter().filter_map(|(owner, path)| {
            let scripts = self.scripts.get(owner)?;
            Some(display_path(&scripts.folder, path))
        });
        let past = self.past.iter().map(|file| file.place.clone());
        let mut all = own.chain(loaded).chain(past);
        match file.strip_prefix("...") {
            // Where the engine cuts long names it keeps their end.
            Some(end) => all.find(|known| known.ends_with(end)),
            None => all.find(|known| known == file),
        }
    }

    fn nearest(&self, owner: &ModId, stem: &str) -> Option<String> {
        let wanted = stem.rsplit('/').next()?.to_ascii_lowercase();
        let near = self.scripts.get(owner)?.paths().find(|path| {
            let name = path.rsplit('/').next().unwrap_or_default();
            let name = name
                .split('.')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            name == wanted || name.starts_with(&wanted) || wanted.starts_with(&name)
        })?;
        let name = near.strip_prefix("scripts/").unwrap_or(near);
        Some(
            name.rsplit_once('.')
                .map_or(name, |(stem, _)| stem)
                .replace('/', "."),
        )
    }

    /// The code of a found module, and the place that its chunk is named after.
    pub(super) fn load(&mut self, found: &Found) -> Result<(Bytecode, String), Box<Problem>> {
        let file = (found.owner.clone(), found.path.clone());
        self.files.insert(found.key.clone(), file.clone());
        self.loaded.loaded.insert(file);
        self.code_of(&found.owner, &found.path)
    }

    /// The code of a file of the mod itself that is no module: the VM does not depend on it.
    pub(super) fn own_code(&self, path: &str) -> Result<(Bytecode, String), Box<Problem>> {
        self.code_of(&self.own, path)
    }

    fn code_of(&self, owner: &ModId, path: &str) -> Result<(Bytecode, String), Box<Problem>> {
        let scripts = self.scripts.get(owner);
        let bytecode = scripts.and_then(|scripts| scripts.bytecode(path));
        match (scripts, bytecode) {
            (Some(scripts), Some(bytecode)) => {
                Ok((bytecode.clone(), display_path(&scripts.folder, path)))
            }
            _ => {
                let problem = scripts.and_then(|scripts| scripts.problem(path)).cloned();
                let because = format!("has no file {path} any more");
                let gone = || Problem::error(Code::REQUIRE_FAILED, because).of(owner);
                Err(Box::new(problem.unwrap_or_else(gone)))
            }
        }
    }

    /// The entry script, if the mod has it.
    pub(super) fn entry(&self, path: &str) -> Option<Found> {
        let scripts = self.scripts.get(&self.own)?;
        let is_there = scripts.bytecode(path).is_some() || scripts.problem(path).is_some();
        let stem = path.strip_prefix("scripts/").unwrap_or(path);
        let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
        is_there.then(|| Found {
            key: stem.replace('/', "."),
            owner: self.own.clone(),
            path: path.into(),
        })
    }
}
