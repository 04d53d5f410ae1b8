//! Assets: their versions, and their content on demand.

use mlua::Lua;

use crate::lua::inner::Inner;

use super::{Answer, Arguments, string};

pub(super) fn asset(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let mlua::Value::String(path) = arguments.get(0) else {
        return Err(arguments.wrong(
            0,
            "mod.asset",
            "the path of a file, such as \"assets/icon.png\"",
        ));
    };
    let path = path.to_string_lossy();
    let view = inner.assets.lock().get(path.as_str()).copied();
    let Some(view) = view else {
        return Ok(vec![mlua::Value::Nil]);
    };
    let handles = &mut inner.ledger.lock().assets;
    if !handles.contains(path.as_str()) {
        handles.insert(path.into());
    }
    Ok(vec![
        mlua::Value::Integer(view.version as i64),
        mlua::Value::Integer(view.size as i64),
    ])
}

pub(super) fn read_asset(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let mlua::Value::String(path) = arguments.get(0) else {
        return Err("read: call it with a colon, `asset:read()`".into());
    };
    let path = path.to_string_lossy();
    if !inner.assets.lock().contains_key(path.as_str()) {
        return Err(format!("the asset {path} is not there any more"));
    }
    let content = inner
        .outside
        .read_asset(&format!("{}/{path}", inner.folder))?;
    Ok(vec![string(lua, &content)?])
}
