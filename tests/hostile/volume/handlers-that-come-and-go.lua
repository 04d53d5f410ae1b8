-- Registers a handler that holds 64 KiB, and takes it off, at each tick; and exports anew. What is gone is freed.
-- > advance = 600
-- > request = "ledger", params = { mod = "hostile" }
-- : {"entries":[{"mod":"hostile","generation":1,"kind":"handler","name":"tick_end","count":1},{"mod":"hostile","generation":1,"kind":"handler","name":"tick_start","count":1},{"mod":"hostile","generation":1,"kind":"task","name":"same","count":1},{"mod":"hostile","generation":1,"kind":"export","name":"size","count":1}]}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
local last
mod.on("tick_start", function()
    local held = string.rep("x", 65536)
    if last then
        mod.off(last)
    end
    last = mod.on("tick_end", function() return #held == 0 and held or nil end)
    mod.export({ size = function() return #held end })
    mod.task("same", function() return #held == 0 end)
end)
