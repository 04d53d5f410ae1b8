-- Raises an error value with traps in its top-level code, then one without any text, then nothing.
-- A mod that fails while it loads does not run; nothing of what it registered before is left.
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 rejected gen 0 because it raised an error while loading: on purpose
-- > dispatch = "go"
-- > next
-- : kept hostile gen 0, full
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error while loading: an error value that is nil
-- :     hint: correct this line and save: a save is live at once
-- lua54: kept hostile gen 0, full
-- lua54:   error lua-error hostile: raised an error while loading: an error value that is nil
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "go"
-- > next
-- : loaded hostile gen 1, full
-- > dispatch = "go"
-- : "whole"
mod.on("go", function() return "half a mod" end)
mod.every(1, "tick", function() print("half a mod") end)
error(setmetatable({ message = "on purpose" }, { __tostring = function() error("a trap ran") end }))
--@ next
mod.on("go", function() return "half a mod" end)
error()
--@ next
mod.on("go", function() return "whole" end)
