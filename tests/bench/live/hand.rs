//! The least that a host can write by hand.

use std::path::Path;
use std::sync::mpsc;

use mlua::{Function, Lua, Table};
use notify::{RecursiveMode, Watcher};

use super::mods::ENTRIES;

/// Watches one folder.
pub(crate) struct Watch {
    events: mpsc::Receiver<notify::Result<notify::Event>>,
    _watcher: notify::RecommendedWatcher,
}

impl Watch {
    pub(crate) fn of(folder: &Path) -> Watch {
        let (sender, events) = mpsc::channel();
        let mut watcher = notify::recommended_watcher(move |event| {
            let _ = sender.send(event);
        })
        .expect("a watcher");
        watcher
            .watch(folder, RecursiveMode::NonRecursive)
            .expect("a watch");
        Watch {
            events,
            _watcher: watcher,
        }
    }

    /// Waits until a file is complete.
    pub(crate) fn wait(&self) {
        use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
        loop {
            let event = self.events.recv().expect("the watcher lives");
            let kind = event.expect("an event").kind;
            if kind == EventKind::Access(AccessKind::Close(AccessMode::Write))
                || kind == EventKind::Modify(ModifyKind::Name(RenameMode::To))
            {
                return;
            }
        }
    }
}

#[cfg(feature = "luau")]
pub(crate) fn sandboxed() -> Lua {
    let lua = Lua::new();
    lua.sandbox(true).expect("a sandbox");
    lua
}

#[cfg(not(feature = "luau"))]
pub(crate) fn sandboxed() -> Lua {
    Lua::new()
}

/// A sandboxed VM that has run the script at `path`.
pub(crate) fn vm(path: &Path) -> Lua {
    let lua = sandboxed();
    let module = lua.create_table().expect("a table");
    module
        .set("state", lua.create_table().expect("a table"))
        .expect("a field");
    let handlers = lua.create_table().expect("a table");
    let kept = handlers.clone();
    let on = lua
        .create_function(move |_, (event, f): (String, Function)| kept.set(event, f))
        .expect("a function");
    module.set("on", on).expect("a field");
    lua.globals().set("mod", module).expect("a global");
    lua.globals().set("handlers", handlers).expect("a global");
    let source = std::fs::read(path).expect("the script");
    lua.load(source)
        .set_name("main")
        .exec()
        .expect("the script runs");
    lua
}

fn state(lua: &Lua) -> Table {
    lua.globals()
        .get::<Table>("mod")
        .and_then(|m| m.get("state"))
        .expect("the state")
}

pub(crate) fn fill(lua: &Lua) {
    let handlers: Table = lua.globals().get("handlers").expect("handlers");
    handlers
        .get::<Function>("fill")
        .and_then(|f| f.call::<()>(ENTRIES))
        .expect("a call");
}

pub(crate) fn copy_state(from: &Lua, to: &Lua) {
    let old: Table = state(from).get("list").expect("a list");
    let new: Table = state(to).get("list").expect("a list");
    for (i, value) in old.sequence_values::<f64>().enumerate() {
        new.raw_set(i + 1, value.expect("a number"))
            .expect("an entry");
    }
}

pub(crate) fn version(lua: &Lua) -> usize {
    lua.globals()
        .get::<Function>("version")
        .and_then(|f| f.call(()))
        .expect("a call")
}
