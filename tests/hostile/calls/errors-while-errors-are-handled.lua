-- Raises errors in the handler of an error, over and over, with values that are no text, and in a call from mod to
-- mod. Each is one error of one handler; those after it are called.
-- > dispatch = "go"
-- : "the last one"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: an error value that is a table, without a message field
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: after a call that went well
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: an error value that is nil
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: an error value that is a function
-- :     hint: correct this line and save: a save is live at once
-- lua54: "the last one"
-- lua54:   error lua-error hostile: raised an error in a handler of `go`: an error value that is a table, without a message field
-- lua54:     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `go`: after a call that went well
-- lua54:     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `go`: an error value that is nil
-- lua54:     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `go`: an error value that is a function
-- lua54:     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
local bystander = mod.import("bystander")
mod.on("go", function()
    xpcall(error, function(why) error(why) end)
    error(setmetatable({}, { __tostring = function() error("in the words of an error") end }))
end)
mod.on("go", function()
    local ok = pcall(bystander.ask, setmetatable({}, { __index = error, __iter = error }))
    error({ message = "after a call that " .. (ok and "went well" or "failed") })
end)
mod.on("go", function() error(nil) end)
mod.on("go", function() error(error) end)
mod.on("go", function() return "the last one" end)
