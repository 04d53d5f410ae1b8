-- Uses <close> variables and coroutine.close so that errors are raised while others are on their way.
-- Only lua54: the others have no <close>
-- > dispatch = "close"
-- lua54:   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `close`: closing after hostile/scripts/main.lua:…: first
-- lua54:     hint: correct this line and save: a save is live at once
-- > dispatch = "coroutine"
-- lua54: "hostile/scripts/main.lua:…: while closing"
-- > dispatch = "loop"
-- lua54:   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `loop` and was stopped
-- lua54:     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- lua54: bystander 1.0.0 active gen 1
-- lua54: hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `loop` and was stopped
mod.on("close", function()
    local a <close> = setmetatable({}, { __close = function(_, why) error("closing after " .. tostring(why)) end })
    error("first")
end)
mod.on("coroutine", function()
    local t = coroutine.create(function()
        local a <close> = setmetatable({}, { __close = function() error("while closing") end })
        coroutine.yield()
    end)
    coroutine.resume(t)
    local _, why = coroutine.close(t)
    return why
end)
mod.on("loop", function()
    local a <close> = setmetatable({}, { __close = function() while true do end end })
    error("first")
end)
