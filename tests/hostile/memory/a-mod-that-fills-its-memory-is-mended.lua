-- A mod that has filled its memory is mended by a save: the new code gets what the old one knew.
-- > dispatch = "go"
-- :   error memory-limit hostile (hostile/scripts/main.lua:…): wanted more memory than its limit in a handler of `go` and was stopped
-- :     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- lua54:   error memory-limit hostile: wanted more memory than its limit in a handler of `go` and was stopped
-- lua54:     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- > next
-- : loaded hostile gen 2, full
-- > dispatch = "go"
-- : "changed"
mod.state.kept = "kept"
mod.on("go", function()
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
