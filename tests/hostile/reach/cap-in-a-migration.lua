-- A migration uses what the mod was granted. It runs on a copy, before the switch, and may run again.
-- It is refused there, like everything that changes the game.
-- > write = "mods/hostile/migrations/0001-steal.lua", text = "return function(state) state.done, state.why = pcall(colony.jobs.create, 'greet', 1) end"
-- : reloaded hostile gen 2, script: migrations/0001-steal.lua
-- :   migrated: migrations/0001-steal.lua
-- > dispatch = "go"
-- : [false,"s; call it from a handler, such as mod.on(\"mod_loaded\", …)",0]
mod.on("go", function()
    return {mod.state.done, tostring(mod.state.why):sub(-60), #colony.jobs.list()}
end)
--@ file mods/hostile/mod.toml
id = "hostile"
version = "1.0.0"
[dependencies]
bystander = "*"
[capabilities]
required = ["colony.jobs"]
