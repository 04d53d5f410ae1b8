-- Leaves tables with __gc that raise errors, log, call the API and loop, for the collector and for the end of the VM.
-- Luau has no finalisers. Lua 5.4 has, and nothing could stop them: there setmetatable refuses them, in words.
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
-- lua54: bystander 1.0.0 active gen 1
-- lua54: hostile 1.0.0 rejected gen 0 because it raised an error while loading: setmetatable: there are no finalisers (__gc); clean up in a handler of mod_unloaded
-- > dispatch = "go"
-- : "done"
-- lua54: 
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   replaced: globals.kept
-- lua54: loaded hostile gen 1, full
-- > log = true
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 2
-- lua54: bystander 1.0.0 active gen 1
-- lua54: hostile 1.0.0 active gen 1
mod.on("go", function()
    for i = 1, 100 do
        setmetatable({}, { __gc = function() error("in a finaliser") end })
    end
    local t = {}
    for i = 1, 100000 do t[i % 10] = { i } end
    return "done"
end)
kept = setmetatable({}, { __gc = function() print("at the end of the VM") mod.emit("end") while true do end end })
--@ next
mod.on("go", function() return "next" end)
