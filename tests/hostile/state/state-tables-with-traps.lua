-- Gives its state, and what is in it, metatables whose every trap raises an error or never ends.
-- Capture, replay, save and looking in use raw access alone: no trap runs, and the traps come along.
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   replaced: globals.Traps.__call, globals.Traps.__concat, globals.Traps.__eq, globals.Traps.__lt, globals.Traps.__tostring, globals.Traps.__unm, globals.Traps.name
-- > eval = "getmetatable(rawget(mod.state, 'x')).name"
-- : "traps again"
-- > state = "x.n"
-- : 1
-- > request = "save", params = { path = "s.save" }
-- : {"mods":["bystander","hostile"],"bytes":…,"problems":[]}
-- > dispatch = "go"
-- : 2
local function trap() while true do end end
Traps = { name = "traps", __index = trap, __newindex = trap, __len = trap, __pairs = trap, __iter = trap, __eq = trap, __tostring = trap,
    __call = trap, __concat = trap, __metatable = nil, __lt = trap, __unm = trap, __gc = nil }
mod.state.x = setmetatable({ n = 1 }, Traps)
setmetatable(mod.state, Traps)
mod.on("go", function() return rawget(mod.state, "x").n end)
--@ next
local function trap() while true do end end
Traps = { name = "traps again", __index = trap, __newindex = trap, __len = trap, __pairs = trap, __iter = trap }
mod.state.x = setmetatable({ n = 1 }, Traps)
setmetatable(mod.state, Traps)
mod.on("go", function() return rawget(mod.state, "x").n + 1 end)
