-- Uses numbers, tables, bytes that are no text, NUL, control characters, empty and giant texts as names.
-- Those that are no short text on one line are refused in words; the others are just names.
-- > dispatch = "go"
-- : ["on: mod.on: the name of an event must have 1 to 128 bytes","after: mod.after: the name of the timer must have 1 to 128 bytes","task: mod.task: the name of the task must have 1 to 128 bytes","cancel: mod.cancel: the name of a timer or task must have 1 to 128 bytes","emit: mod.emit: the name of an event must have 1 to 128 bytes","on: mod.on: the name of an event must be UTF-8","after: mod.after: the name of the timer must be UTF-8","task: mod.task: the name of the task must be UTF-8","cancel: mod.cancel: the name of a timer or task must be UTF-8","emit: mod.emit: the name of an event must be UTF-8","on: mod.on: argument 1 must be the name of an event, not number","after: mod.after: argument 2 must be the name of the timer, not number","task: mod.task: argument 1 must be the name of the task, not number","cancel: mod.cancel: argument 1 must be the name of a timer or task, not number","emit: mod.emit: argument 1 must be the name of an event, not number","on: mod.on: argument 1 must be the name of an event, not boolean","after: mod.after: argument 2 must be the name of the timer, not boolean","task: mod.task: argument 1 must be the name of the task, not boolean","cancel: mod.cancel: argument 1 must be the name of a timer or task, not boolean","emit: mod.emit: argument 1 must be the name of an event, not boolean","on: mod.on: argument 1 must be the name of an event, not table","after: mod.after: argument 2 must be the name of the timer, not table","task: mod.task: argument 1 must be the name of the task, not table","cancel: mod.cancel: argument 1 must be the name of a timer or task, not table","emit: mod.emit: argument 1 must be the name of an event, not table","on: mod.on: argument 1 must be the name of an event, not function","after: mod.after: argument 2 must be the name of the timer, not function","task: mod.task: argument 1 must be the name of the task, not function","cancel: mod.cancel: argument 1 must be the name of a timer or task, not function","emit: mod.emit: argument 1 must be the name of an event, not function","strange on: mod.on: the name of an event must have no control characters","strange after: mod.after: the name of the timer must have no control characters","strange emit: mod.emit: the name of an event must have no control characters","strange on: taken","strange after: taken","strange emit: taken"]
-- > advance = 1
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the timer ` `: in it
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the timer `__index`: in it
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the timer `state`: in it
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the timer `x: y`: in it
-- :     hint: correct this line and save: a save is live at once
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in the timer `xxxxxxxx…`: in it
-- :     hint: correct this line and save: a save is live at once
local odd = { "", "\255\254", ("x"):rep(129), ("x"):rep(1000000), 1, true, {}, print }
local strange = { "a\0b", "two\nlines", "\27[31mred\27[0m", "\226\128\174backwards", " ", "x: y", "state", "__index", ("x"):rep(128) }

mod.on("go", function()
    local words, seen = {}, {}
    local function note(name, ok, why)
        local line = name .. ": " .. (ok and "taken" or tostring(why))
        if not seen[line] then
            seen[line] = true
            words[#words + 1] = line
        end
    end
    for _, name in ipairs(odd) do
        note("on", pcall(mod.on, name, print))
        note("after", pcall(mod.after, 1, name, print))
        note("task", pcall(mod.task, name, print))
        note("cancel", pcall(mod.cancel, name))
        note("emit", pcall(mod.emit, name))
    end
    for _, name in ipairs(strange) do
        note("strange on", pcall(mod.on, name, print))
        note("strange after", pcall(mod.after, 1, name, function() error("in it") end))
        note("strange emit", pcall(mod.emit, (name:gsub(":", ""))))
    end
    return words
end)
