-- Hands numbers to the API that overflow: nan, infinities, below zero, 2^53, 2^63, fractions.
-- Each call says what it takes; none panics, and no timer of the others is touched.
-- > dispatch = "go"
-- : ["after: mod.after: argument 1 must be a number of ticks from 1 to 9e15, not 0","every: mod.every: argument 1 must be a number of ticks from 1 to 9e15, not 0","off: taken","priority: taken","after: mod.after: argument 1 must be a number of ticks from 1 to 9e15, not -1","every: mod.every: argument 1 must be a number of ticks from 1 to 9e15, not -1","after: mod.after: argument 1 must be a number of ticks from 1 to 9e15, not 0.5","every: mod.every: argument 1 must be a number of ticks from 1 to 9e15, not 0.5","priority: mod.on: options.priority must be a whole number from -1000000 to 1000000","after: taken","every: taken","after: mod.after: argument 1 must be a number of ticks from 1 to 9e15, not 9007199254740992","every: mod.every: argument 1 must be a number of ticks from 1 to 9e15, not 9007199254740992","after: mod.after: argument 1 must be a number of ticks from 1 to 9e15, not 9.223372036854776e18","every: mod.every: argument 1 must be a number of ticks from 1 to 9e15, not 9.223372036854776e18","after: mod.after: argument 1 must be a number of ticks from 1 to 9e15, not -9.223372036854776e18","every: mod.every: argument 1 must be a number of ticks from 1 to 9e15, not -9.223372036854776e18","after: mod.after: argument 1 must be a number of ticks from 1 to 9e15, not 1e300","every: mod.every: argument 1 must be a number of ticks from 1 to 9e15, not 1e300","after: mod.after: argument 1 must be a number of ticks from 1 to 9e15, not inf","every: mod.every: argument 1 must be a number of ticks from 1 to 9e15, not inf","after: mod.after: argument 1 must be a number of ticks from 1 to 9e15, not -inf","every: mod.every: argument 1 must be a number of ticks from 1 to 9e15, not -inf","after: mod.after: argument 1 must be a number of ticks from 1 to 9e15, not NaN","every: mod.every: argument 1 must be a number of ticks from 1 to 9e15, not NaN","priority x: mod.on: options.priority must be a whole number from -1000000 to 1000000","priority {}: mod.on: options.priority must be a whole number from -1000000 to 1000000","options: mod.on: argument 3 must be a table such as {priority = 10}, not number","off x: mod.off: argument 1 must be a handle that mod.on gave, not string","every '1': mod.every: argument 1 must be a number of ticks, 1 or more, not string"]
-- > advance = 3
local odd = { 0, -1, 0.5, 2 ^ 31, 2 ^ 53, 2 ^ 63, -2 ^ 63, 1e300, 1 / 0, -1 / 0, 0 / 0 }

mod.on("go", function()
    local words, seen = {}, {}
    local function note(name, ok, why)
        local line = name .. ": " .. (ok and "taken" or tostring(why))
        if not seen[line] then
            seen[line] = true
            words[#words + 1] = line
        end
    end
    for _, n in ipairs(odd) do
        note("after", pcall(mod.after, n, "a", print))
        mod.cancel("a")
        note("every", pcall(mod.every, n, "b", print))
        mod.cancel("b")
        note("off", pcall(mod.off, n))
        note("priority", pcall(mod.on, "never", print, { priority = n }))
    end
    note("priority x", pcall(mod.on, "never", print, { priority = "high" }))
    note("priority {}", pcall(mod.on, "never", print, { priority = {} }))
    note("options", pcall(mod.on, "never", print, 7))
    note("off x", pcall(mod.off, "1"))
    note("every '1'", pcall(mod.every, "1", "b", print))
    return words
end)
