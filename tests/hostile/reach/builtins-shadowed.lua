-- Replaces every builtin global by one that fails, before anything of Lunation's is used: then logs, registers,
-- imports, requires, sets state, is reloaded, saved and rolled back.
-- Lunation's own code took what it needs before the mod ran.
-- > dispatch = "go"
-- : {"asset":"assets/a.txt","count":1,"module":"mine","twice":4}
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   replaced: globals.assert, globals.bit32, globals.buffer, globals.colony, globals.coroutine, globals.error, globals.getmetatable, globals.ipairs, globals.math, globals.next, globals.package, globals.pairs, globals.pcall, globals.print, globals.rawequal, globals.rawget, globals.rawlen, globals.rawset, globals.require, globals.select, globals.setmetatable, globals.string, globals.table, globals.tonumber, globals.tostring, globals.type, globals.typeof, globals.unpack, globals.utf8, globals.vector, globals.xpcall
-- lua54: reloaded hostile gen 2, script: scripts/main.lua
-- lua54:   replaced: globals.assert, globals.colony, globals.coroutine, globals.error, globals.getmetatable, globals.ipairs, globals.math, globals.next, globals.package, globals.pairs, globals.pcall, globals.print, globals.rawequal, globals.rawget, globals.rawlen, globals.rawset, globals.require, globals.select, globals.setmetatable, globals.string, globals.table, globals.tonumber, globals.tostring, globals.type, globals.utf8, globals.xpcall
-- > dispatch = "go"
-- : {"count":2,"module":"mine"}
-- > rollback = "hostile"
-- : rolled-back hostile gen 3, full
-- :   added: globals.assert, globals.bit32, globals.buffer, globals.colony, globals.coroutine, globals.error, globals.getmetatable, globals.ipairs, globals.math, globals.next, globals.package, globals.pairs, globals.pcall, globals.print, globals.rawequal, globals.rawget, globals.rawlen, globals.rawset, globals.require, globals.select, globals.setmetatable, globals.string, globals.table, globals.tonumber, globals.tostring, globals.type, globals.typeof, globals.unpack, globals.utf8, globals.vector, globals.xpcall, scripts/main.lua: local keep, scripts/main.lua: local evil
-- lua54: rolled-back hostile gen 3, full
-- lua54:   added: globals.assert, globals.colony, globals.coroutine, globals.error, globals.getmetatable, globals.ipairs, globals.math, globals.next, globals.package, globals.pairs, globals.pcall, globals.print, globals.rawequal, globals.rawget, globals.rawlen, globals.rawset, globals.require, globals.select, globals.setmetatable, globals.string, globals.table, globals.tonumber, globals.tostring, globals.type, globals.utf8, globals.xpcall, scripts/main.lua: local keep, scripts/main.lua: local evil
-- > dispatch = "go"
-- : {"asset":"assets/a.txt","count":3,"module":"mine","twice":4}
-- > log = true
-- : info hostile: still logs 1 (hostile/scripts/main.lua:…)
-- : info hostile: still logs 3 (hostile/scripts/main.lua:…)
-- > request = "save", params = { path = "s.save" }
-- : {"mods":["bystander","hostile"],"bytes":…,"problems":[]}
local keep = {}
for name, value in pairs(_G) do
    keep[name] = value
end
local function evil() keep.error("a replaced builtin ran") end
for name, value in keep.pairs(keep) do
    if keep.type(value) == "function" then
        _G[name] = evil
    elseif keep.type(value) == "table" and name ~= "mod" and name ~= "_G" then
        _G[name] = keep.setmetatable({}, { __index = function() return evil end, __newindex = evil })
    end
end

mod.state.count = 0
mod.export({ own = function() return 1 end })
mod.on("go", function()
    mod.state.count = mod.state.count + 1
    mod.log.info("still logs", mod.state.count)
    mod.after(1, "later", function() end)
    mod.task("task", function() return true end)
    keep.pcall(mod.register, "keep", keep)
    mod.cancel("task")
    return { count = mod.state.count, module = keep.require("a"), twice = mod.import("bystander").twice(2), asset = mod.asset("assets/a.txt").path }
end)
--@ next
mod.state.count = 0
mod.on("go", function()
    mod.state.count = mod.state.count + 1
    return { count = mod.state.count, module = require("a") }
end)
--@ file mods/hostile/scripts/a.lua
return "mine"
--@ file mods/hostile/assets/a.txt
mine
