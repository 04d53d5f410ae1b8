-- Uses <close> variables and coroutine.close so that errors are raised while others are on their way.
-- Only lua54: the others have no <close>
-- > dispatch = "close"
-- > dispatch = "coroutine"
-- > dispatch = "loop"
-- > list = true
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
