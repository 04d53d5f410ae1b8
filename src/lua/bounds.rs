//! Bounds for functions of the standard library that could run for minutes where nothing can stop them.
//!
//! A mod is stopped at the next safepoint, and a function written in C has none. `bounds.lua` puts itself
//! before those whose work can grow faster than their arguments.

use mlua::{Lua, Table};

use super::chunk::load_bytecode;
use super::compile::{Bytecode, compile_own};

/// What [`install`] runs in each VM.
///
/// # Errors
/// Never: the source is part of the program.
pub(super) fn compile() -> std::io::Result<Bytecode> {
    compile_own(include_bytes!("bounds.lua"), "lunation/bounds.lua")
        .map_err(|problem| std::io::Error::other(problem.to_string()))
}

/// Bounds the libraries in `globals`. They must not be read-only yet.
///
/// # Errors
/// Out of memory.
pub(super) fn install(lua: &Lua, globals: &Table, bounds: &[u8]) -> mlua::Result<()> {
    let find = lua.create_function(
        |_, (text, part, from): (mlua::LuaString, mlua::LuaString, f64)| {
            // From 1, as Lua counts; a place beyond the end is one where nothing is found.
            let from = (from as usize).saturating_sub(1);
            let found = find(&text.as_bytes(), &part.as_bytes(), from);
            Ok(found.map(|at| (at + 1) as i64))
        },
    )?;
    load_bytecode(lua, globals, bounds, "lunation/bounds.lua")?.call((globals, find))
}

/// Where `part` begins in `text`, not before `from`, in time that grows with the sum of their lengths.
fn find(text: &[u8], part: &[u8], from: usize) -> Option<usize> {
    let found = memchr::memmem::find(text.get(from..)?, part)?;
    Some(from + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Large and awkward arguments, and what the functions say to them as text.
    const ASKED: &str = r##"
local said = {}
local function say(...)
    local all = {...}
    for i = 1, select("#", ...) do
        said[#said + 1] = type(all[i]) == "string" and #all[i] > 50 and #all[i] .. all[i]:sub(-20) or tostring(all[i])
    end
end
local long = ("äb"):rep(800000) .. "x"
for _, name in ipairs({"upper", "lower", "reverse"}) do
    local changed = string[name](long)
    say(changed, changed:sub(1048570, 1048580), string[name]("aBc"))
end
say(long:find("bx", 1, true), long:find("bx", -1, true), long:find(("äb"):rep(3000) .. "y", 1, true))
say(long:find(("äb"):rep(3000), 5, true))
say(long:gsub("[äb]*x", "%0"))
say((pcall(string.find, "abc", "[")))
if string.split then
    for _, separator in ipairs({"", "b", "äb", "none"}) do
        local parts = (("äb"):rep(30000) .. "c"):split(separator)
        say(#parts, parts[1], parts[#parts], parts[#parts - 1])
    end
end
if utf8 then
    say(utf8.len(long), utf8.len(long, 4), utf8.len(long, -30), utf8.len(long, 1, -3))
    say(utf8.len(long .. "\255"), utf8.len("ä\255"), utf8.len(""))
    say(utf8.offset(long, 1600001), utf8.offset(long, -1600001), utf8.offset(long, 9999999))
    say(utf8.offset(long, 2000000, 4), utf8.offset(long, -1500000, #long + 1), utf8.offset("äb", 2))
end
if string.pack then
    say(string.pack("z", "abc"), string.unpack("z", "abc\0"), string.packsize("i4i8"))
end
local t = {}
for i = 1, 70000 do
    t[i] = i * 7919 % 70001
end
table.sort(t)
say(t[1], t[35000], t[70000])
table.sort(t, function(a, b) return a > b end)
say(t[1], t[35000], t[70000])
if table.move then
    table.move(t, 1, 70000, 2)
    say(t[1], t[2], t[70001], table.move(t, 3, 70000, 1, {})[69998])
end
if table.foreach then
    say(table.foreach({a = 1}, function(k, v) return k .. v end), table.foreachi({5, 6}, function(i, v) return v > 5 and i or nil end))
end
return table.concat(said, "\n")
"##;

    #[test]
    fn functions_that_work_in_steps_say_what_the_engine_says() {
        let ask = |lua: &Lua| {
            let said: mlua::LuaString = lua.load(ASKED).eval().unwrap();
            said.to_string_lossy()
        };
        let (ours, engine) = (Lua::new(), Lua::new());
        install(&ours, &ours.globals(), &compile().unwrap()).unwrap();
        assert_eq!(ask(&ours), ask(&engine));
    }

    #[test]
    fn the_longest_set_is_found_wherever_it_hides() {
        let lua = Lua::new();
        install(&lua, &lua.globals(), &compile().unwrap()).unwrap();
        let text = r#"("a"):rep(100000)"#;
        let long = r#"("b"):rep(200)"#;
        for pattern in [
            r#""[" .. L .. "]*""#,
            r#""%[[" .. L .. "]""#,
            r#""[]" .. L .. "]""#,
            r#""[^]" .. L .. "]""#,
            r#""[%]" .. L .. "]""#,
            r#""%b[][" .. L .. "]""#,
            r#""%f[" .. L .. "]""#,
            r#""[a]%%[" .. L .. "]+""#,
        ] {
            let pattern = pattern.replace('L', long);
            for call in [
                "string.find(T, P)",
                "string.match(T, P)",
                "string.gmatch(T, P)",
                "string.gsub(T, P, '')",
            ] {
                let code = call.replace('T', text).replace('P', &pattern);
                let said = lua.load(format!("return {code}")).exec().unwrap_err();
                assert!(
                    said.to_string().contains("is too long for a text"),
                    "{pattern}: {said}"
                );
            }
        }
        let harmless = format!(
            r#"return #({text}):match("^[%w_]+$") + #(("%["):rep(9) .. {long}):match(".*")"#
        );
        assert_eq!(lua.load(harmless).eval::<i64>().unwrap(), 100_218);
    }
}
