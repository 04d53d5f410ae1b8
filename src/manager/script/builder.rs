//! [`ScriptBuilder`]: how a host sets a [`ScriptReloader`] up.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::locate_file;
use crate::files::ModFile;
use crate::lua::{ApiBuilder, HostRegistry};
use crate::manager::builder::Builder;
use crate::manager::follow::SingleScript;
use crate::manager::words::Error;
use crate::manifest;
use crate::mod_id::ModId;
use crate::settings::Settings;

use super::ScriptReloader;

/// How a host sets a [`ScriptReloader`] up. See [`ScriptReloader::builder`].
pub struct ScriptBuilder {
    path: PathBuf,
    settings: Settings,
    registry: HostRegistry,
}

impl ScriptBuilder {
    pub(super) fn new(path: PathBuf) -> ScriptBuilder {
        ScriptBuilder {
            path,
            settings: Settings::default(),
            registry: HostRegistry::default(),
        }
    }

    /// Offers functions to the script, in a global table of this name. The script may call all of them:
    /// capabilities are for mods of strangers.
    ///
    /// # Panics
    /// When the name is taken.
    pub fn namespace(
        mut self,
        name: &'static str,
        declare: impl FnOnce(&mut ApiBuilder<'_>),
    ) -> ScriptBuilder {
        self.registry.namespace(name, declare);
        self
    }

    /// The limits of the script, and how its file is followed: what `lunation.toml` is for a folder of
    /// mods. No such file is looked for.
    pub fn settings(mut self, settings: Settings) -> ScriptBuilder {
        self.settings = settings;
        self
    }

    /// Starts the threads. Nothing is read before [`ScriptReloader::load`].
    ///
    /// # Errors
    /// A path that is not that of a script, or a system that can't start threads.
    pub fn build(self) -> Result<ScriptReloader, Error> {
        let located = locate_file(&self.path)
            .and_then(|(folder, name)| Some((folder, mod_id_for(&name)?, name)));
        let (folder, mod_id, name) = located.ok_or(Error::ScriptPath(self.path))?;
        let script = SingleScript {
            name: name.as_str().into(),
            manifest: ModFile::text(made_manifest(&mod_id, &name, &self.registry).into_bytes()),
            settings: self.settings,
        };
        let mods = Builder::of_script(folder, script, self.registry).build()?;
        Ok(ScriptReloader::over(mods, mod_id, name.into()))
    }
}

/// What a script of this name is called as a mod; `None` if it can't be one.
fn mod_id_for(name: &str) -> Option<ModId> {
    let (stem, _) = name.rsplit_once('.')?;
    let mod_id = ModId::nearest(stem).or_else(|| ModId::nearest("script"))?;
    let text = made_manifest(&mod_id, name, &HostRegistry::default());
    let (_, problems) = manifest::parse(text.as_bytes(), &Arc::from("mod.toml"));
    problems.is_empty().then_some(mod_id)
}

/// The manifest that the script would have as a mod: it asks for everything that the host offers.
fn made_manifest(mod_id: &ModId, name: &str, registry: &HostRegistry) -> String {
    let capabilities: BTreeSet<&str> = registry.capabilities().collect();
    let capabilities: Vec<toml::Value> = capabilities.into_iter().map(Into::into).collect();
    let required = ("required".to_owned(), capabilities.into());
    let capabilities = toml::Table::from_iter([required]);
    let table = toml::Table::from_iter([
        ("id".to_owned(), mod_id.as_str().into()),
        ("version".to_owned(), "0.0.0".into()),
        ("entry".to_owned(), name.into()),
        ("capabilities".to_owned(), capabilities.into()),
    ]);
    table.to_string()
}
