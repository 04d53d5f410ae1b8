-- Its handler of errors raises an error, calls itself without an end, loops, and hides the error from xpcall.
-- What xpcall gives is the mod's own affair; the loop is stopped by the time limit.
-- > dispatch = "again"
-- : false
-- > dispatch = "deeper"
-- : false
-- > dispatch = "hides"
-- : false
-- > dispatch = "loops"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `loops` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `loops` and was stopped
local function why(...)
    local ok = ...
    return ok
end

mod.on("again", function() return why(xpcall(error, function() error("again") end, "first")) end)
mod.on("deeper", function()
    local function handler() return handler() + 1 end
    return why(xpcall(error, handler, "first"))
end)
mod.on("hides", function() return why(xpcall(error, function() return nil end, "first")) end)
mod.on("loops", function() xpcall(error, function() while true do end end, "first") end)
