-- Its next version freezes its tables, hides them behind traps, and returns odd things from modules, so that nothing can be
-- filled in. The replay writes raw into what is new; what is frozen in the new code is filled all the same.
-- > dispatch = "go"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   added: scripts/main.lua: local hidden(metatable), state(metatable)
-- > dispatch = "look"
-- : {"hidden":2,"kept":2,"state":2}
local kept = require("kept")
mod.state.n = 1
local hidden = { n = 1 }
mod.on("go", function()
    mod.state.n, kept.n, hidden.n = 2, 2, 2
end)
--@ next
local kept = require("kept")
local function trap() error("a trap ran") end
mod.state.n = 1
setmetatable(mod.state, { __newindex = trap, __index = trap, __metatable = "no" })
local hidden = { n = 1 }
setmetatable(hidden, { __newindex = trap, __index = trap, __metatable = "no" })
setmetatable(package.loaded, { __newindex = trap, __index = trap })
setmetatable(_G, { __newindex = trap })
mod.on("look", function()
    return { state = rawget(mod.state, "n"), kept = rawget(kept, "n"), hidden = rawget(hidden, "n") }
end)
--@ file mods/hostile/scripts/kept.lua
return { n = 1 }
