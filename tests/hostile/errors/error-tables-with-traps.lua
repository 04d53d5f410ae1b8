-- Raises tables whose __tostring throws, loops or yields, whose __index pretends to have a message, and fields
-- of odd types. The message is read raw from `message`, `msg` or `error`; no trap runs.
-- > dispatch = "throws"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `throws`: an error value that is a table, without a message field
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `throws`: an error value that is a table, without a message field
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "loops"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `loops`: an error value that is a table, without a message field
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `loops`: an error value that is a table, without a message field
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "pretends"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `pretends`: an error value that is a table, without a message field
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `pretends`: an error value that is a table, without a message field
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "odd"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `odd`: an error value that is a table, without a message field
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `odd`: an error value that is a table, without a message field
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "bytes"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `bytes`: bytes � in it and lines
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `bytes`: bytes � in it and lines
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "deep"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `deep`: an error value that is a table, without a message field
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `deep`: an error value that is a table, without a message field
-- lua54:     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
local function raised(traps)
    return function() error(setmetatable({}, traps)) end
end

mod.on("throws", raised({ __tostring = function() error("a trap ran") end }))
mod.on("loops", raised({ __tostring = function() while true do end end }))
mod.on("pretends", raised({ __index = function() return "a trap ran" end, __tostring = function() return "a trap ran" end, __metatable = "no" }))
mod.on("odd", function() error({ message = {}, msg = print, error = { message = "inside" } }) end)
mod.on("bytes", function() error({ message = "bytes \255 in it\nand lines" }) end)
mod.on("deep", function()
    local deep = { message = "on top" }
    for _ = 1, 5000 do deep = { message = deep, error = deep } end
    error(deep)
end)
