-- Raises values that are no text: nil, numbers, booleans, tables, functions, coroutines, proxies, its own API.
-- Each is named by its kind, with the line that raised it; no address of memory is told.
-- > dispatch = "nil"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `nil`: an error value that is nil
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `nil`: an error value that is nil
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "number"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `number`: 42
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `number`: 42
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "boolean"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `boolean`: an error value that is a boolean
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `boolean`: an error value that is a boolean
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "table"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `table`: an error value that is a table, without a message field
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `table`: an error value that is a table, without a message field
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "function"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `function`: an error value that is a function
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `function`: an error value that is a function
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "coroutine"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `coroutine`: an error value that is a coroutine
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `coroutine`: an error value that is a coroutine
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "proxy"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `proxy`: an error value that is a table, without a message field
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `proxy`: an error value that is a table, without a message field
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "api"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `api`: an error value that is a table, without a message field
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `api`: an error value that is a table, without a message field
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "empty"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `empty`: an error value that is an empty text
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `empty`: an error value that is an empty text
-- lua54:     hint: correct this line and save: a save is live at once
mod.on("nil", function() error(nil) end)
mod.on("number", function() error(42) end)
mod.on("boolean", function() error(false) end)
mod.on("table", function() error({}) end)
mod.on("function", function() error(print) end)
mod.on("coroutine", function() error(coroutine.create(print)) end)
mod.on("proxy", function() error(mod.import("bystander")) end)
mod.on("api", function() error(mod) end)
mod.on("empty", function() error("", 0) end)
