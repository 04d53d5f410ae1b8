//! What the methods about config values do.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Session, shortened};
use crate::problem::Code;
use crate::protocol::json::{from_json, to_json};
use crate::protocol::messages::*;
use crate::protocol::rpc::{Failure, reply};
use crate::{ModId, ModManager, Problem};

impl Session {
    pub(super) fn config(&self, params: &ConfigGetParams) -> Result<Json, Failure> {
        let mut values = self.config_values(&params.mod_id)?;
        match &params.key {
            None => reply(Ok(values)),
            Some(key) => values.remove(key).ok_or_else(|| {
                let because = format!("has no config value `{}`", shortened(key));
                let keys: Vec<&str> = values.keys().map(String::as_str).collect();
                let hint = match keys.is_empty() {
                    true => "this mod has no config".to_owned(),
                    false => format!("the keys here are {}", keys.join(", ")),
                };
                let problem = Problem::error(Code::UNKNOWN_KEY, because);
                problem.of(&params.mod_id).hint(hint).into()
            }),
        }
    }

    fn config_values(&self, mod_id: &ModId) -> Result<BTreeMap<String, Json>, Failure> {
        self.known(mod_id)?;
        let config = self.mods.config(mod_id).ok_or_else(|| {
            let problem =
                Problem::error(Code::BAD_CALL, "does not run, so it has no config values");
            problem
                .of(mod_id)
                .hint("see `mods.list` for why it does not run")
        })?;
        let entry = |value: &crate::config::ConfigValue| (value.key.clone(), to_json(&value.value));
        Ok(config.iter().map(entry).collect())
    }

    pub(super) fn set_config(
        &mut self,
        params: ConfigSetParams,
    ) -> Result<BTreeMap<String, Json>, Failure> {
        let value = from_json(&params.value)?;
        let set = |mods: &mut ModManager| mods.set_config(&params.mod_id, &params.key, &value);
        let reports = self.colony.with(&mut self.mods, set)?;
        self.keep(reports);
        self.config_values(&params.mod_id)
    }
}
