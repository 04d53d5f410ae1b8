-- Makes tables that are their own metatable, rings of metatables, and a chain of a thousand parents that ends in itself.
-- Each table is visited once, whatever hangs on it.
-- > dispatch = "make"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > dispatch = "look"
-- : {"chain":1001,"own":true,"ring":true}
mod.on("make", function()
    local own = { n = 1 }
    own.__index = own
    mod.state.own = setmetatable(own, own)
    local a, b = { n = 2 }, { n = 3 }
    setmetatable(a, b)
    setmetatable(b, a)
    mod.state.ring = a
    local last = { n = 4 }
    local chain = last
    for _ = 1, 1000 do
        chain = setmetatable({}, { __index = chain })
    end
    setmetatable(last, { __index = chain })
    mod.state.chain = chain
end)
--@ next
mod.on("look", function()
    local s = mod.state
    local depth, at = 0, s.chain
    while getmetatable(at) and depth < 2000 do
        at = getmetatable(at).__index
        depth = depth + 1
        if at == s.chain then break end
    end
    return { own = getmetatable(s.own) == s.own, ring = getmetatable(getmetatable(s.ring)) == s.ring, chain = depth }
end)
