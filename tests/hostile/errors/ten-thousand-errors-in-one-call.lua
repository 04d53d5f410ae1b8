-- Raises and catches ten thousand errors in one call, then has a thousand handlers that all fail at one event.
-- Errors that are caught are free; the others are told once, with their line, however many there are.
-- > dispatch = "caught"
-- : 10000
-- > eval = "for i = 1, 1000 do mod.on('all', function() error('one of many') end) end"
-- > request = "dispatch", params = { event = "all" }
-- : {"handlers":1000,"results":[],"errors":[{"code":"lua-error","severity":"error","mod":"hostile","because":"raised an error in a handler of `all`: eval:1: one of many",…"hint":"correct this line and save: a save is live at once","times":1000}]}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("caught", function()
    local count = 0
    for _ = 1, 10000 do
        if not pcall(error, { message = "x" }) then count = count + 1 end
    end
    return count
end)
