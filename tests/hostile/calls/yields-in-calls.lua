-- Yields in a handler, in an exported function, and across a call into another mod: outside of a coroutine of its
-- own that is an error, and the call ends there.
-- > dispatch = "go"
-- : [2,42]
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: called coroutine.yield outside of a coroutine of its own
-- :     hint: handlers run to their end: use mod.after to go on later
-- lua54: [2,42]
-- lua54:   error lua-error hostile: raised an error in a handler of `go`: attempt to yield from outside a coroutine
-- lua54:     hint: correct this line and save: a save is live at once
-- > call = "yields", of = "hostile"
-- : refused (1)
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in yields: called coroutine.yield outside of a coroutine of its own
-- :     hint: handlers run to their end: use mod.after to go on later
-- lua54: refused (1)
-- lua54:   error lua-error hostile: raised an error in yields: attempt to yield from outside a coroutine
-- lua54:     hint: correct this line and save: a save is live at once
-- > call = "go", of = "caller"
-- : false
-- : "hostile/scripts/main.lua:…: raised an error in hostile.yields: called coroutine.yield outside of a coroutine of its own (hint: handlers run to their end: use mod.after to go on later)"
-- lua54: false
-- lua54: "hostile: raised an error in hostile.yields: attempt to yield from outside a coroutine (hint: correct this line and save: a save is live at once)"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
-- : caller 1.0.0 active gen 1
mod.export({ yields = function() coroutine.yield(1) end })
mod.on("go", function() coroutine.yield(1) end)
mod.on("go", function()
    local own = coroutine.wrap(function(n)
        return mod.import("bystander").twice(coroutine.yield(n + 1))
    end)
    return { own(1), own(21) }
end)
--@ file mods/caller/mod.toml
id = "caller"
version = "1.0.0"
[dependencies]
hostile = "*"
--@ file mods/caller/scripts/main.lua
mod.export({ go = function() return pcall(coroutine.wrap(mod.import("hostile").yields)) end })
