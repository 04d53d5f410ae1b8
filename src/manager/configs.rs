//! The config of mods: their defaults, their own file, and the player's file over both.

use std::sync::Arc;

use crate::config::{self, ConfigValues};
use crate::disk;
use crate::files::{CONFIG_FILE, ModFiles};
use crate::manifest::Manifest;
use crate::mod_id::ModId;
use crate::problem::{Code, Place, Problem};
use crate::profile::{self, ProfileName};
use crate::reload::ReloadReport;
use crate::value::Value;

use super::ModManager;

impl ModManager {
    /// The effective config values of a mod that runs.
    pub fn config(&self, mod_id: &ModId) -> Option<&ConfigValues> {
        let running = self.running.get(mod_id)?;
        Some(&running.source.config)
    }

    /// Writes a value into the player's own file, leaving the rest of it as it is, and applies it. Where the
    /// active profile has a value for the key, which would go over it, that one is written.
    ///
    /// # Errors
    /// The mod does not run, its schema refuses the value, or the file can't be written.
    pub fn set_config(
        &mut self,
        mod_id: &ModId,
        key: &str,
        value: &Value,
    ) -> Result<Vec<ReloadReport>, Problem> {
        self.vm_of(mod_id)?;
        let manifest = &self.running[mod_id].source.manifest;
        let value = config::check_one(&manifest.config, key, value)
            .map_err(|problem| problem.of(mod_id))?;
        let profile = self.profile_that_sets(mod_id, key);
        let (path, text) = match &profile {
            Some(name) => {
                let path = self.roots.profiles.join(format!("{name}.toml"));
                (path, self.profile_text_with(name, mod_id, key, &value))
            }
            None => {
                let path = self.roots.player_config.join(format!("{mod_id}.toml"));
                let text = self.player_text(mod_id).unwrap_or_default();
                let text = String::from_utf8_lossy(text);
                (path, config::set(&text, &player_path(mod_id), key, &value))
            }
        };
        let text = text.map_err(|problem| problem.of(mod_id))?;
        disk::write_atomic(&path, text.as_bytes())
            .map_err(|error| unwritable(&error).of(mod_id))?;
        Ok(self.check_updates())
    }

    /// The active profile, if it has a value for the key.
    fn profile_that_sets(&self, mod_id: &ModId, key: &str) -> Option<ProfileName> {
        let mut own = self.chosen().overrides(mod_id).iter();
        own.find(|own| own.key == key)?;
        self.profile().cloned()
    }

    /// The text of a profile, as it was read last, with another value in it.
    fn profile_text_with(
        &self,
        name: &ProfileName,
        mod_id: &ModId,
        key: &str,
        value: &Value,
    ) -> Result<String, Box<Problem>> {
        let file = self.reading.profiles.get(name.as_str());
        let text = file.and_then(|file| file.content.as_deref());
        let text = String::from_utf8_lossy(text.unwrap_or_default());
        profile::set_value(&text, &name.file(), mod_id, key, value)
    }

    /// What the player's file for a mod says, as it was read last.
    fn player_text(&self, mod_id: &ModId) -> Option<&[u8]> {
        let file = self.reading.player_config.get(mod_id.as_str())?;
        file.content.as_deref()
    }

    /// The effective config values of a mod.
    pub(super) fn config_of(
        &self,
        manifest: &Manifest,
        files: &ModFiles,
    ) -> (ConfigValues, Vec<Problem>) {
        let own_path = files.display_path(CONFIG_FILE);
        let own = files.content(CONFIG_FILE);
        let player_path = player_path(&manifest.id);
        let player = self.player_text(&manifest.id);
        let (values, problems) = config::layer(
            &manifest.config,
            own.map(|text| (&**text, &*own_path)),
            player.map(|text| (text, &*player_path)),
            self.chosen().overrides(&manifest.id),
            self.config(&manifest.id),
        );
        let problems = problems.into_iter();
        (
            values,
            problems.map(|problem| problem.of(&manifest.id)).collect(),
        )
    }

    /// Values that the player gave to mods that are not there: mostly a name that is mistyped.
    pub(super) fn player_configs_of_nobody(&self) -> Vec<Problem> {
        let is_known = |id: &str| {
            let mut ids = self
                .reading
                .mods
                .values()
                .filter_map(|read| read.mod_id.as_ref());
            ids.any(|mod_id| mod_id.as_str() == id)
        };
        let ids = self.reading.player_config.keys();
        ids.filter(|id| !is_known(id))
            .map(|id| {
                let because = format!("has values for {id}, a mod that is not there");
                Problem::warning(Code::CONFIG_REFUSED, because)
                    .at(Place::file(format!("config/{id}.toml")))
            })
            .collect()
    }
}

/// The player's file as people see it.
pub(super) fn player_path(mod_id: &ModId) -> Arc<str> {
    format!("config/{mod_id}.toml").into()
}

fn unwritable(error: &std::io::Error) -> Problem {
    let because = format!("has a config file that can't be written: {}", error.kind());
    Problem::error(Code::UNREADABLE, because).hint(
        "look at the permissions of the folders `config` and `profiles` beside the mods folder",
    )
}
