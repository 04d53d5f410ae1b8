-- Requires modules that can't be compiled, by pcall and plainly, and reads what is told about them.
-- The words are those of the compiler, with the module's file and line.
-- > dispatch = "caught"
-- : "hostile/scripts/broken.lua:2: has a syntax error: Expected identifier when parsing expression, got '=' (hint: correct this line and save: a save is live at once)"
-- lua54: "hostile/scripts/broken.lua:2: has a syntax error: unexpected symbol near '=' (hint: correct this line and save: a save is live at once)"
-- > dispatch = "plain"
-- :   error lua-error hostile (hostile/scripts/broken.lua:2): raised an error in a handler of `plain`: has a syntax error: Expected identifier when parsing expression, got '=' (hint: correct this line and save: a save is live at once)
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile (hostile/scripts/broken.lua:2): raised an error in a handler of `plain`: has a syntax error: unexpected symbol near '=' (hint: correct this line and save: a save is live at once)
-- lua54:     hint: correct this line and save: a save is live at once
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error lua-error hostile (hostile/scripts/broken.lua:2): raised an error while loading: has a syntax error: Expected identifier when parsing expression, got '=' (hint: correct this line and save: a save is live at once)
-- :     hint: correct this line and save: a save is live at once
-- lua54: kept hostile gen 1, script: scripts/main.lua
-- lua54:   error lua-error hostile (hostile/scripts/broken.lua:2): raised an error while loading: has a syntax error: unexpected symbol near '=' (hint: correct this line and save: a save is live at once)
-- lua54:     hint: correct this line and save: a save is live at once
mod.on("caught", function()
    local _, why = pcall(require, "broken")
    return why
end)
mod.on("plain", function() require("broken") end)
--@ next
require("broken")
--@ file mods/hostile/scripts/broken.lua
local a = 1
local b = = 2
