-- base: two ways to share.
--
-- 1. Code: another mod writes require("@base/strings") and gets its own copy of scripts/strings.lua. Use it
--    for pure functions. When that file changes, every mod that required it is reloaded with it.
-- 2. A service: another mod writes mod.import("base") and calls the functions exported below, which run here,
--    on this mod's state. Use it for what must exist once. When this file changes, only this mod is reloaded;
--    the others go on with the new functions.

local strings = require("strings") -- scripts/strings.lua of this mod

mod.state.goods = {}

local function register(name, price)
    local key = strings.key(name)
    mod.state.goods[key] = { name = name, price = price }
    return key
end

local function price(key)
    local good = mod.state.goods[key]
    return good and good.price
end

mod.export({ register = register, price = price })
