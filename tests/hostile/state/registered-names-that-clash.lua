-- Registers names for everything, the same name twice, another mod's proxy, its API, names that are no text, a million bytes.
-- A name stands for one function or table of the mod; a reload finds each again.
-- > dispatch = "go"
-- : ["own: taken","again: taken","other: mod.register: `own` already names something else","api: taken","library: taken","proxy: taken","names: taken","empty: mod.register: a name must have 1 to 128 bytes","bytes: mod.register: a name must be UTF-8","long: mod.register: a name must have 1 to 128 bytes","place: taken","state: taken","number: mod.register takes a name and a function or metatable, not number and function","value: mod.register takes a name and a function or metatable, not string and number","nothing: mod.register takes a name and a function or metatable, not nil and nil"]
-- > reload = "hostile"
-- : reloaded hostile gen 2, script
-- > dispatch = "look"
-- : "own"
local function own() return "own" end
mod.on("go", function()
    local words = {}
    local function try(what, ...)
        local ok, why = pcall(mod.register, ...)
        words[#words + 1] = what .. ": " .. (ok and "taken" or tostring(why))
    end
    try("own", "own", own)
    try("again", "own", own)
    try("other", "own", function() end)
    try("api", "api", mod)
    try("library", "string", string)
    try("proxy", "proxy", mod.import("bystander"))
    try("names", "names", _G)
    try("empty", "", own)
    try("bytes", "\255", own)
    try("long", ("x"):rep(100000), own)
    try("place", "scripts/main.lua: own", own)
    try("state", "state", own)
    try("number", 1, own)
    try("value", "value", 1)
    try("nothing")
    return words
end)
mod.on("look", function() return own() end)
