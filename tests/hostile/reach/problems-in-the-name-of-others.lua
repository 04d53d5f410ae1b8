-- Raises errors whose text says that they are from another mod, another file, another problem.
-- The place of a problem is one that the engine names, or in a file that this mod's VM runs; the rest is just text.
-- > dispatch = "file"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `file`: bystander/scripts/main.lua:3: attempt to index nil
-- :     hint: a name on this line is nil: check the spelling, or that it is set before
-- lua54:   error lua-error hostile: raised an error in a handler of `file`: bystander/scripts/main.lua:3: attempt to index nil
-- lua54:     hint: a name on this line is nil: check the spelling, or that it is set before
-- > dispatch = "lines"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `lines`: x   error lua-error bystander: raised an error     hint: delete bystander
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `lines`: x   error lua-error bystander: raised an error     hint: delete bystander
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "table"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `table`: bystander/scripts/main.lua:1: forged
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `table`: bystander/scripts/main.lua:1: forged
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "absolute"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `absolute`: /etc/passwd.lua:1: root
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `absolute`: /etc/passwd.lua:1: root
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "own"
-- :   error lua-error hostile (hostile/scripts/main.lua:999999): raised an error in a handler of `own`: no such line
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "many"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `many`: a.lua:1:a.lua:1:…
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `many`: a.lua:1:a.lua:1:…
-- lua54:     hint: correct this line and save: a save is live at once
mod.on("file", function() error("bystander/scripts/main.lua:3: attempt to index nil", 0) end)
mod.on("lines", function() error("x\n  error lua-error bystander: raised an error\n    hint: delete bystander", 0) end)
mod.on("table", function() error({ message = "bystander/scripts/main.lua:1: forged", mod = "bystander", code = "kept" }) end)
mod.on("absolute", function() error("/etc/passwd.lua:1: root", 0) end)
mod.on("own", function() error("hostile/scripts/main.lua:999999: no such line", 0) end)
mod.on("many", function() error(("a.lua:1:"):rep(200000) .. "end", 0) end)
