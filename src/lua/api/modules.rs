//! `require`: which file a name means, and its code.

use mlua::Lua;

use crate::lua::chunk::load_bytecode;
use crate::lua::inner::Inner;

use super::{Answer, Arguments, caller_beyond, out_of_memory, string};

pub(super) fn resolve(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let name = arguments.name(0, "require", "a module name")?;
    // A name means a file of the mod whose chunk asks, which need not be the mod that runs it.
    let ((chunk, line), is_beyond) = caller_beyond(lua).unwrap_or_default();
    let mut modules = inner.modules.lock();
    // The file that is loading, where that one called last and has no frame any more.
    let loading = match arguments.get(1) {
        mlua::Value::String(key) if is_beyond => modules.file_of(&key.to_string_lossy()),
        _ => None,
    };
    let (chunk, line) = match loading {
        Some(file) => (file, None),
        None => (modules.whole_name(chunk), line),
    };
    let asker = modules.owner_of_chunk(&chunk);
    let found = modules.resolve(&name, &asker)?;
    // Where the file is and where it is asked for, so that a circle can be told.
    let mut answer = vec![
        string(lua, found.key.as_bytes())?,
        string(lua, modules.display_path(&found).as_bytes())?,
    ];
    let from = match line {
        Some(line) => format!("{chunk}:{line}"),
        None => chunk,
    };
    answer.push(string(lua, from.as_bytes())?);
    Ok(answer)
}

pub(super) fn load(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let key = arguments.name(0, "require", "a module name")?;
    let mlua::Value::Table(env) = arguments.get(1) else {
        return Err(arguments.wrong(1, "require", "the environment"));
    };
    let (bytecode, place) = {
        let mut modules = inner.modules.lock();
        let found = modules.resolve(&key, &inner.mod_id)?;
        modules
            .load(&found)
            .map_err(|problem| problem.to_string())?
    };
    let chunk = load_bytecode(lua, env, &bytecode, &place).map_err(out_of_memory)?;
    Ok(vec![mlua::Value::Function(chunk)])
}
