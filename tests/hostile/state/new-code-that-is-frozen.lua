-- Its next version freezes the tables into which the state is to be put back: the state, a module, a local.
-- The values come over, and the tables are frozen again afterwards.
-- Only luau: the others have no table.freeze
-- > dispatch = "go"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > dispatch = "look"
-- : {"hidden":2,"kept":2,"state":2}
-- > dispatch = "write"
-- : [true,true,true]
local kept = require("kept")
mod.state.n = 1
local hidden = { n = 1 }
mod.on("go", function()
    mod.state.n, kept.n, hidden.n = 2, 2, 2
end)
--@ next
local kept = require("kept")
mod.state.n = 1
table.freeze(mod.state)
local hidden = table.freeze({ n = 1 })
table.freeze(kept)
mod.on("look", function()
    return { state = mod.state.n, kept = kept.n, hidden = hidden.n }
end)
mod.on("write", function()
    return { pcall(function() mod.state.n = 3 end), pcall(function() kept.n = 3 end), pcall(function() hidden.n = 3 end) }
end)
--@ file mods/hostile/scripts/kept.lua
return { n = 1 }
