//! [`Holding`]: the kinds of what a generation of a mod owns, and how much of each it has.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::Ledger;

/// A kind of what one generation of a mod owns, and loses when another one takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Holding {
    /// Used for handlers, by their event.
    Handler,
    /// Used for `mod.on_save` and the like.
    Hook,
    /// Used for timers.
    Timer,
    /// Used for tasks.
    Task,
    /// Used for exported functions.
    Export,
    /// Used for what `mod.register` named.
    Name,
    /// Used for handles of assets.
    Asset,
    /// Used for the functions of another mod.
    Import,
    /// Used for functions of registrations that are gone, until the next event frees them.
    Function,
    /// Used for events that wait to be delivered. They are plain data: they arrive even when the generation
    /// that emitted them is gone.
    Event,
    /// Used for a VM that should be gone, by what still holds it.
    Vm,
}

impl Ledger {
    /// How much of everything the generation has, by kind and name.
    pub fn holdings(&self) -> BTreeMap<(Holding, Arc<str>), usize> {
        let listeners = self
            .listeners
            .iter()
            .map(|it| (Holding::Handler, &it.event));
        let hooks = self.hooks.iter().map(|it| (Holding::Hook, &it.event));
        let timers = self.timers.iter().map(|(name, timer)| match timer.is_task {
            true => (Holding::Task, name),
            false => (Holding::Timer, name),
        });
        let exports = self.exports.keys().map(|name| (Holding::Export, name));
        let names = self.names.iter().map(|name| (Holding::Name, name));
        let assets = self.assets.iter().map(|path| (Holding::Asset, path));
        let all = listeners.chain(hooks).chain(timers).chain(exports);
        let mut holdings = BTreeMap::new();
        for (kind, name) in all.chain(names).chain(assets) {
            *holdings.entry((kind, name.clone())).or_default() += 1;
        }
        let imports = self.imports.iter();
        holdings.extend(imports.map(|id| ((Holding::Import, id.as_str().into()), 1)));
        if !self.let_go.is_empty() {
            holdings.insert((Holding::Function, "let go".into()), self.let_go.len());
        }
        holdings
    }
}
