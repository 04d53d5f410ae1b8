-- Raises and catches ten thousand errors in one call, then has a thousand handlers that all fail at one event.
-- Errors that are caught are free; the others are told one by one, each with its line.
-- > dispatch = "caught"
-- : 10000
-- > eval = "for i = 1, 1000 do mod.on('all', function() error('one of many') end) end"
-- > request = "dispatch", params = { event = "count" }
-- : {"handlers":0,"results":[],"errors":[]}
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
