-- Exports anew while one of the exported functions runs, called from another mod. The call goes on with the old
-- one; the next call meets the new one; what is not exported any more is told so.
-- > call = "go", of = "caller"
-- : "first, to its end"
-- : "second"
-- > call = "go", of = "caller"
-- : "hostile exports no function `first`"
-- : "second"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
-- : caller 1.0.0 active gen 1
local function first()
    mod.export({ second = function() return "second" end })
    for _ = 1, 100 do
        string.rep("x", 100000)
    end
    return "first, to its end"
end
mod.export({ first = first })
--@ file mods/caller/mod.toml
id = "caller"
version = "1.0.0"
[dependencies]
hostile = "*"
--@ file mods/caller/scripts/main.lua
local hostile = mod.import("hostile")
local kept = {}
mod.export({
    go = function()
        kept.first = kept.first or hostile.first
        local _, first = pcall(kept.first)
        return first, hostile.second and hostile.second()
    end,
})
