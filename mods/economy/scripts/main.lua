-- economy: using other mods, and config that changes while the game runs.
--
-- Try it: with `lunation run mods` running, write `tax_rate = 0.5` into config/economy.toml beside the mods
-- folder. The rate changes at once, and no code is reloaded.

local strings = require("@base/strings") -- a copy of that file in this mod
local base = mod.import("base") -- the running mod; stays right when either side is reloaded
local weather = mod.import("weather") -- nil where the mod is absent: it is optional

local GOODS = { Bread = 4, ["Iron Ore"] = 12 }
local WINTER = 1.5 -- everything is dearer in winter

local state = mod.state
state.treasury = 0
state.season = "spring"

local function winter_factor()
    return state.season == "winter" and WINTER or 1
end

-- The town sells an iron ore for each finished job, and keeps its share.
mod.on("job_done", function()
    local sale = base.price("iron_ore") * winter_factor()
    state.treasury = state.treasury + sale * mod.config.tax_rate
end)

-- The event of another mod has that mod's name in front.
mod.on("weather:season", function(event)
    state.season = event.season
end)

-- mod.config always has the new values; this is for what has to be done once because of them.
mod.on_config(function(changes)
    if changes.tax_rate then
        mod.log.info("the tax rate is now " .. strings.percent(mod.config.tax_rate))
    end
end)

-- Other mods can be called once this one is live; while it loads, they may be loading too.
mod.on("mod_loaded", function()
    for name, price in pairs(GOODS) do
        base.register(name, price)
    end
    if weather then
        state.season = weather.season()
    end
    mod.log.info("taxing " .. strings.percent(mod.config.tax_rate))
end)

mod.every(200, "ledger", function()
    mod.log.info(("%.1f coins in the treasury"):format(state.treasury))
end)
