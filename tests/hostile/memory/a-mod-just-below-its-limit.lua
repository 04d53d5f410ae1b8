-- A mod that keeps all the memory it can get, bit by bit, and catches the end of it. It can still be asked for its state, and mended.
-- > dispatch = "go"
-- > state = "kept", of = "hostile"
-- : "changed"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   dropped: scripts/main.lua: local all
-- > dispatch = "go"
-- : "changed"
local all = {}
mod.state.kept = "kept"
mod.on("go", function()
    mod.state.kept = "changed"
    for size = 20, 1, -1 do
        while pcall(function() all[#all + 1] = ("x"):rep(2 ^ size) .. #all end) do
        end
    end
end)
--@ next
mod.state.kept = "kept"
mod.on("go", function()
    return mod.state.kept
end)
