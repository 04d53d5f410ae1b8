-- Listens to what is not for it: mod_loaded and mod_unloaded of other mods, and takes apart a payload before others hear it.
-- mod_loaded goes to the mod itself alone, and each mod has a copy of the payload of its own.
-- > reload = "neighbour"
-- : reloaded neighbour gen 2, script
-- > dispatch = "gift", payload = { n = 1 }
-- : {"n":1}
-- > dispatch = "heard"
-- : ["loaded hostile"]
local heard = {}

mod.on("mod_loaded", function(event) heard[#heard + 1] = "loaded " .. event.id end)
mod.on("mod_unloaded", function(event) heard[#heard + 1] = "unloaded " .. event.id end)
mod.on("neighbour:mod_loaded", function() heard[#heard + 1] = "forged" end)
mod.on("gift", function(gift)
    gift.n = nil
    setmetatable(gift, { __index = function() error("a trap ran") end })
end, { priority = 1000 })
mod.on("heard", function() return heard end)
--@ file mods/neighbour/mod.toml
id = "neighbour"
version = "1.0.0"
--@ file mods/neighbour/scripts/main.lua
mod.on("gift", function(gift) return gift end)
