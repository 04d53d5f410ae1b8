-- Leaves tables with __gc that raise errors, log, call the API and loop, for the collector and for the end of the VM.
-- Luau has no finalisers. On Lua 5.4 the collector calls them within the limits of the call that it interrupts, and the
-- end of a VM calls the rest: what they call of the API fails then.
-- > dispatch = "go"
-- : "done"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   replaced: globals.kept
-- > log = true
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 2
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
