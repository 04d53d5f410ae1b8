-- mod.on_save fills the memory: the new code gets what the mod knew without it.
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   error memory-limit hostile (hostile/scripts/main.lua:…): wanted more memory than its limit in on_save and was stopped
-- :     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- lua54: reloaded hostile gen 2, script: scripts/main.lua
-- lua54:   error memory-limit hostile: wanted more memory than its limit in on_save and was stopped
-- lua54:     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- > dispatch = "go"
-- : "changed"
mod.state.kept = "kept"
mod.on_save(function()
    mod.state.kept = "changed"
    local t = {}
    while true do
        t[#t + 1] = {}
    end
end)
--@ next
mod.state.kept = "kept"
mod.on("go", function()
    return mod.state.kept
end)
