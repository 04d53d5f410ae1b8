-- Its exported functions fail in every way; another mod calls them. The caller gets an error that names this mod and
-- its line; a call from the game is this mod's problem. Whoever does not catch it fails at its own line.
-- > call = "text"
-- : refused (1)
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in text: on purpose and more
-- :     hint: correct this line and save: a save is live at once
-- > call = "table"
-- : refused (1)
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in table: in a table
-- :     hint: correct this line and save: a save is live at once
-- lua54: refused (1)
-- lua54:   error lua-error hostile: raised an error in table: in a table
-- lua54:     hint: correct this line and save: a save is live at once
-- > call = "nothing"
-- : refused (1)
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in nothing: an error value that is nil
-- :     hint: correct this line and save: a save is live at once
-- lua54: refused (1)
-- lua54:   error lua-error hostile: raised an error in nothing: an error value that is nil
-- lua54:     hint: correct this line and save: a save is live at once
-- > call = "yields"
-- : refused (1)
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in yields: called coroutine.yield outside of a coroutine of its own
-- :     hint: handlers run to their end: use mod.after to go on later
-- lua54: refused (1)
-- lua54:   error lua-error hostile: raised an error in yields: attempt to yield from outside a coroutine
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "ask", payload = "text"
-- : {"ok":false,"why":"hostile/scripts/main.lua:…: raised an error in hostile.text: on purpose and more (hint: correct this line and save: a save is live at once)"}
-- > dispatch = "ask", payload = "table"
-- : {"ok":false,"why":"hostile/scripts/main.lua:…: raised an error in hostile.table: in a table (hint: correct this line and save: a save is live at once)"}
-- lua54: {"ok":false,"why":"hostile: raised an error in hostile.table: in a table (hint: correct this line and save: a save is live at once)"}
-- > dispatch = "ask", payload = "yields"
-- : {"ok":false,"why":"hostile/scripts/main.lua:…: raised an error in hostile.yields: called coroutine.yield outside of a coroutine of its own (hint: handlers run to their end: use mod.after to go on later)"}
-- lua54: {"ok":false,"why":"hostile: raised an error in hostile.yields: attempt to yield from outside a coroutine (hint: correct this line and save: a save is live at once)"}
-- > dispatch = "ask", payload = "lies"
-- : {"ok":false,"why":"hostile/scripts/main.lua:…: raised an error in hostile.lies: caller/scripts/main.lua:1: bystander broke it (hint: correct this line and save: a save is live at once)"}
-- lua54: {"ok":false,"why":"hostile: raised an error in hostile.lies: caller/scripts/main.lua:1: bystander broke it (hint: correct this line and save: a save is live at once)"}
-- > dispatch = "ask", payload = "loops"
-- : {"ok":false,"why":"hostile/scripts/main.lua:…: ran longer than its limit of 50 ms in hostile.loops and was stopped (hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop)"}
-- > dispatch = "ask", payload = "text"
-- : {"ok":false,"why":"hostile is quarantined because it ran longer than its limit of 50 ms in an exported function and was stopped, so hostile.text can't be called"}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : caller 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in an exported function and was stopped
-- > dispatch = "blunt"
-- :   error lua-error caller (caller/scripts/main.lua:6): raised an error in a handler of `blunt`: hostile is quarantined because it ran longer than its limit of 50 ms in an exported function and was stopped, so hostile.text can't be called
-- :     hint: correct this line and save: a save is live at once
mod.export({
    text = function() error("on purpose\nand more") end,
    table = function() error({ message = "in a table" }) end,
    nothing = function() error() end,
    yields = function() coroutine.yield(1) end,
    lies = function() error("caller/scripts/main.lua:1: bystander broke it", 0) end,
    loops = function() while true do end end,
})
--@ file mods/caller/mod.toml
id = "caller"
version = "1.0.0"

[dependencies]
hostile = "*"
--@ file mods/caller/scripts/main.lua
local hostile = mod.import("hostile")
mod.on("ask", function(name)
    local ok, why = pcall(hostile[name])
    return { ok = ok, why = why }
end)
mod.on("blunt", function() hostile.text() end)
