-- Its modules return numbers, false, themselves, the API, another mod's proxy, package.loaded, a coroutine, nothing.
-- Each is a slot like any other. One that can't cross refuses the reload by name, if the code did not make it while loading.
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   added: scripts/main.lua: local names
-- > dispatch = "look"
-- : ["number number","no boolean","api table","proxy table","loaded table","globals table","nothing boolean","truetruetrue"]
-- > dispatch = "coroutine"
-- > reload = "hostile"
-- : kept hostile gen 2, script
-- :   error uncarryable hostile: can't be carried: scripts/number.lua: return is a running coroutine
-- :     hint: keep its progress as plain data, and go on from there in a handler
local names = { "number", "no", "api", "proxy", "loaded", "globals", "nothing" }
for _, name in ipairs(names) do require(name) end
mod.on("look", function() end)
--@ next
local names = { "number", "no", "api", "proxy", "loaded", "globals", "nothing" }
for _, name in ipairs(names) do pcall(require, name) end
mod.on("look", function()
    local kinds = {}
    for i, name in ipairs(names) do kinds[i] = name .. " " .. type(require(name)) end
    kinds[#kinds + 1] = tostring(require("api") == mod) .. tostring(require("globals") == _G) .. tostring(require("loaded") == package.loaded)
    return kinds
end)
mod.on("coroutine", function()
    package.loaded.number = coroutine.create(print)
end)
--@ file mods/hostile/scripts/number.lua
return 7
--@ file mods/hostile/scripts/no.lua
return false
--@ file mods/hostile/scripts/api.lua
return mod
--@ file mods/hostile/scripts/proxy.lua
return mod.import("bystander")
--@ file mods/hostile/scripts/loaded.lua
return package.loaded
--@ file mods/hostile/scripts/globals.lua
return _G
--@ file mods/hostile/scripts/nothing.lua
local nothing = nil
