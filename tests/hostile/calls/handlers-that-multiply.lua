-- Each call registers its handler twice more, for the same event. It doubles from event to event, up to the limit.
-- > dispatch = "go"
-- > dispatch = "go"
-- > dispatch = "go"
-- > dispatch = "count"
-- : 13
local calls = 0
local function multiply()
    calls = calls + 1
    mod.on("go", multiply)
    mod.on("go", multiply)
end
mod.on("go", multiply)
mod.on("count", function() return calls end)
