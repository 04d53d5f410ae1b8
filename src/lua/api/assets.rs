//! Assets: their versions, and their content on demand.

use mlua::Lua;

use crate::lua::inner::Inner;
use crate::problem::one_line_of;

use super::{Answer, Arguments, string};

pub(super) fn asset(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let mlua::Value::String(path) = arguments.get(0) else {
        return Err(arguments.wrong(
            0,
            "mod.asset",
            "the path of a file, such as \"assets/icon.png\"",
        ));
    };
    let known = path.to_str().ok().and_then(|path| {
        let view = inner.assets.lock().get(&*path).copied()?;
        Some((path, view))
    });
    let Some((path, view)) = known else {
        return Ok(vec![mlua::Value::Nil]);
    };
    let handles = &mut inner.ledger.lock().assets;
    if !handles.contains(&*path) {
        handles.insert((*path).into());
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
    let known = path.to_str().ok();
    let known = known.filter(|path| inner.assets.lock().contains_key(&**path));
    let Some(path) = known else {
        let path = one_line_of(&path.as_bytes());
        return Err(format!("the asset {path} is not there any more"));
    };
    let content = inner
        .outside
        .read_asset(&format!("{}/{path}", inner.folder))?;
    Ok(vec![string(lua, &content)?])
}
