-- The old code registers, emits, sets timers, and exports when it is told that it is gone. Only the event arrives.
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   added: state.heard
-- > advance = 3
-- > dispatch = "ghost"
-- > request = "ledger", params = { mod = "hostile" }
-- : {"entries":[]}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 2
-- : listener 1.0.0 active gen 1
local function haunt()
    mod.on("ghost", function() return "boo" end)
    mod.every(1, "ghost", function() return "boo" end)
    mod.task("ghost", function() return "boo" end)
    mod.export({ ghost = function() return "boo" end })
    mod.emit("last", "words")
end
mod.on("mod_unloaded", haunt)
mod.on_unload(haunt)
--@ next
mod.state.heard = 0
--@ file mods/listener/mod.toml
id = "listener"
version = "1.0.0"
--@ file mods/listener/scripts/main.lua
mod.on("hostile:last", function(words) print("heard " .. words) end)
