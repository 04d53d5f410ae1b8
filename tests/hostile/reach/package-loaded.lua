-- Poisons package.loaded: traps in a metatable, other values under the names of modules, itself as a module.
-- It is the mod's own list: what it spoils is what its own require finds. A reload begins anew, and runs no trap.
-- > dispatch = "go"
-- : {"a":{"poisoned":true},"main":true,"replaced":false}
-- lua54: {"a":{"poisoned":true},"main":true,"replaced":true}
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > dispatch = "go"
-- : {"a":"mine","main":"table","odd":"nil"}
local traps = 0

mod.on("go", function()
    local function trap() traps = traps + 1 end
    local loaded = package.loaded
    loaded.a = { poisoned = true }
    loaded.main = loaded
    loaded["@bystander/main"] = function() end
    loaded[1], loaded[true], loaded[loaded] = 1, 2, 3
    setmetatable(loaded, { __index = trap, __newindex = trap, __pairs = trap, __iter = trap, __len = trap, __metatable = "no" })
    local replaced = pcall(function() package.loaded = {} end)
    return { a = require("a"), replaced = replaced, main = require("main") == loaded }
end)
--@ next
mod.on("go", function()
    return { a = require("a"), main = type(require("main")), odd = tostring(package.loaded[1]) }
end)
--@ file mods/hostile/scripts/a.lua
return "mine"
