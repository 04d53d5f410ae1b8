-- Puts traps behind its globals: __index, __newindex, __metatable, __pairs, and takes the API away from itself.
-- Its code runs into them; eval does too, as it is the mod's code. The carry reads raw, and a reload is whole.
-- > eval = "x"
-- : refused (1)
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the code to evaluate: a trap ran for x
-- :     hint: correct this line and save: a save is live at once
-- lua54: refused (1)
-- lua54:   error lua-error hostile: raised an error in the code to evaluate: a trap ran for x
-- lua54:     hint: correct this line and save: a save is live at once
-- > eval = "mod"
-- : refused (1)
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the code to evaluate: a trap ran for mod
-- :     hint: correct this line and save: a save is live at once
-- lua54: refused (1)
-- lua54:   error lua-error hostile: raised an error in the code to evaluate: a trap ran for mod
-- lua54:     hint: correct this line and save: a save is live at once
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   replaced: globals.package, globals.print
-- > eval = "{ mod = type(mod), require = type(require), kept = kept, metatable = getmetatable(_G) }"
-- : {"kept":7,"mod":"table","require":"function"}
mod.state.n = 1
kept = 7
local function trap(_, key) error("a trap ran for " .. tostring(key), 0) end
setmetatable(_G, { __index = trap, __newindex = trap, __pairs = trap, __iter = trap, __len = trap, __metatable = "mine" })
mod.on("go", function() kept = kept + 1 end)
rawset(_G, "mod", nil)
rawset(_G, "require", nil)
rawset(_G, "print", trap)
rawset(_G, "package", trap)
--@ next
mod.state.n = 1
kept = 7
mod.on("go", function() kept = kept + 1 end)
