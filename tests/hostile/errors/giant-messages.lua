-- Raises messages of nearly a megabyte, with and without line breaks, and one built of places. Each is cut at 4 KiB.
-- > dispatch = "plain"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `plain`: xxxxxxxx…
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `plain`: xxxxxxxx…
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "lines"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `lines`: x x x x x …x…
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `lines`: x x x x x …x…
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "bytes"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `bytes`: ��������…
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `bytes`: ��������…
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "table"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `table`: yyyyyyyy…
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `table`: yyyyyyyy…
-- lua54:     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("plain", function() error(("x"):rep(800000), 0) end)
mod.on("lines", function() error(("x\n"):rep(400000), 0) end)
mod.on("bytes", function() error(("\255"):rep(800000), 0) end)
mod.on("table", function() error({ message = ("y"):rep(800000) }) end)
