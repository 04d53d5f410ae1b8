-- Freezes its globals, its modules, its handle of an asset and its state, so that nothing could be put back.
-- A reload fills a new VM, where nothing is frozen yet. What is the mod's own is frozen again at the end; its globals
-- are made anew.
-- Only luau: the others have no table.freeze
-- > dispatch = "go"
-- : {"again":[true],"count":1,"module":[false,"attempt to modify a readonly table"]}
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > dispatch = "go"
-- : {"can":true,"count":2,"frozen":true,"globals":false,"n":2}
-- > reload = "hostile"
-- : reloaded hostile gen 3, script
-- > dispatch = "go"
-- : {"can":true,"count":3,"frozen":true,"globals":false,"n":2}
count = 0
mod.state.n = 1
local handle = mod.asset("assets/a.txt")

mod.on("go", function()
    count = count + 1
    mod.state.n = mod.state.n + 1
    table.freeze(mod.state)
    table.freeze(package.loaded)
    pcall(table.freeze, handle)
    table.freeze(_G)
    return { count = count, again = { pcall(mod.asset, "mod.toml") }, module = { pcall(require, "a") } }
end)
--@ next
count = 0
mod.state.n = 1
local handle = mod.asset("assets/a.txt")

mod.on("go", function()
    local can = pcall(function() count = count + 1 end)
    return { count = count, n = mod.state.n, can = can, frozen = table.isfrozen(mod.state), globals = table.isfrozen(_G) }
end)
--@ file mods/hostile/scripts/a.lua
return "mine"
--@ file mods/hostile/assets/a.txt
mine
