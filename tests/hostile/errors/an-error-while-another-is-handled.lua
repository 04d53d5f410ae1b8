-- Raises an error in a handler that other handlers of the same event, timers and calls of other mods are around:
-- it emits, registers and calls before it fails. What it did before counts; the handlers after it run.
-- > dispatch = "go"
-- : "the next one"
-- : "outer of inner"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: after all that
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "late"
-- : "registered by the one that failed"
mod.on("go", function()
    mod.emit("half")
    mod.on("late", function() return "registered by the one that failed" end)
    mod.import("bystander").twice(1)
    error("after all that")
end)
mod.on("go", function() return "the next one" end)
mod.on("go", function()
    local ok, why = pcall(function()
        local _, inner = pcall(error, "inner")
        error("outer of " .. inner, 0)
    end)
    return why
end)
