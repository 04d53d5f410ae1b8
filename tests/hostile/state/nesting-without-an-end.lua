-- Nests its state 5,000 tables deep by values, by keys, and by metatables.
-- Depth costs nothing: the capture goes through it without recursion. Showing it is refused in words.
-- > dispatch = "make"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > dispatch = "look"
-- : [5000,5000,5000]
-- > state = "values"
-- : refused (1)
-- :   error lua-error hostile: raised an error while its state was read: the value can't be shown because it is nested deeper than 128 tables
-- :     hint: correct this line and save: a save is live at once
-- > request = "save", params = { path = "s.save" }
-- : {"mods":["bystander","hostile"],"bytes":…,"problems":[]}
mod.on("make", function()
    local values, keys, traps = {}, {}, {}
    for _ = 1, 5000 do
        values = { values }
        keys = { [keys] = true }
        traps = setmetatable({}, traps)
    end
    mod.state.values, mod.state.keys, mod.state.traps = values, keys, traps
end)
--@ next
mod.on("look", function()
    local depths = {}
    local at, depth = mod.state.values, 0
    while at[1] do at, depth = at[1], depth + 1 end
    depths[1] = depth
    at, depth = mod.state.keys, 0
    while next(at) do at, depth = next(at), depth + 1 end
    depths[2] = depth
    at, depth = mod.state.traps, 0
    while getmetatable(at) do at, depth = getmetatable(at), depth + 1 end
    depths[3] = depth
    return depths
end)
