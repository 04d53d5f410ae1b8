-- A mod that has the capability uses it while it is staged: at the top level, in a coroutine and in on_load. A stage can still fail, so it must leave no trace.
-- A coroutine that was started while staging may go on after the switch: then the mod runs.
-- > dispatch = "go"
-- : ["top false s; call it from a handler, such as mod.on(\"mod_loaded\", …)","staged false s; call it from a handler, such as mod.on(\"mod_loaded\", …)","on_load false s; call it from a handler, such as mod.on(\"mod_loaded\", …)","resumed true 1",1]
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   dropped: scripts/main.lua: local late, scripts/main.lua: local late
-- :   conflicts: scripts/main.lua: local said
-- > dispatch = "go"
-- : ["top false s; call it from a handler, such as mod.on(\"mod_loaded\", …)","staged false s; call it from a handler, such as mod.on(\"mod_loaded\", …)","on_load false s; call it from a handler, such as mod.on(\"mod_loaded\", …)","resumed true 1",1,"on_load false s; call it from a handler, such as mod.on(\"mod_loaded\", …)",1]
local said = {}
local function note(where, is_done, why)
    said[#said + 1] = where .. " " .. tostring(is_done) .. " " .. tostring(why):sub(-60)
end
note("top", pcall(colony.jobs.create, "greet", 1))
local late = coroutine.create(function()
    note("staged", pcall(colony.jobs.create, "greet", 1))
    coroutine.yield()
    note("resumed", pcall(colony.jobs.create, "greet", 1))
end)
coroutine.resume(late)
mod.on_load(function() note("on_load", pcall(colony.jobs.create, "greet", 1)) end)
mod.on("go", function()
    coroutine.resume(late)
    said[#said + 1] = #colony.jobs.list()
    return said
end)
--@ next
local said = {}
local function note(where, is_done, why)
    said[#said + 1] = where .. " " .. tostring(is_done) .. " " .. tostring(why):sub(-60)
end
note("top", pcall(colony.jobs.create, "greet", 1))
mod.on_load(function() note("on_load", pcall(colony.jobs.create, "greet", 1)) end)
mod.on("go", function()
    said[#said + 1] = #colony.jobs.list()
    return said
end)
--@ file mods/hostile/mod.toml
id = "hostile"
version = "1.0.0"
[dependencies]
bystander = "*"
[capabilities]
required = ["colony.jobs"]
[hot_reload]
on_uncarryable = "drop"
