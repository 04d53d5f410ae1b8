-- Keeps weak tables whose entries die between capture and replay, weak keys that hold each other, and weak metatables.
-- What is alive comes along; the mode does too.
-- > dispatch = "make"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > dispatch = "look"
-- : {"alive":true,"key":"alive","mode":"k","number":7,"odd":true}
mod.on("make", function()
    local kept = {}
    mod.state.kept = kept
    mod.state.weak = setmetatable({ alive = kept, dead = {} }, { __mode = "v" })
    local keys = setmetatable({}, { __mode = "k" })
    keys[kept] = "alive"
    keys[{}] = "dead"
    mod.state.keys = keys
    mod.state.both = setmetatable({ [{}] = {} }, { __mode = "kv" })
    mod.state.odd = setmetatable({ x = kept }, { __mode = "no such mode" })
    mod.state.number = setmetatable({ x = kept }, { __mode = 7 })
end)
--@ next
mod.on("look", function()
    local s = mod.state
    return { alive = s.weak.alive == s.kept, key = s.keys[s.kept], mode = getmetatable(s.keys).__mode, odd = s.odd.x == s.kept,
        number = getmetatable(s.number).__mode }
end)
