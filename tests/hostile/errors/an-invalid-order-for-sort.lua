-- Sorts by orders that contradict themselves, change at each call, or change the table while it is sorted.
-- Sorting ends, with an error or with some order.
-- > dispatch = "always"
-- : "done"
-- > dispatch = "random"
-- : "done"
-- > dispatch = "grows"
-- : "done"
-- > dispatch = "mixed"
-- : "done"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
local function numbers(n)
    local t = {}
    for i = 1, n do t[i] = (i * 7919) % n end
    return t
end

local function is_done(f, ...)
    pcall(f, ...)
    return "done"
end

mod.on("always", function() return is_done(table.sort, numbers(1000), function() return true end) end)
mod.on("random", function() return is_done(table.sort, numbers(1000), function() return math.random() < 0.5 end) end)
mod.on("grows", function()
    local t = numbers(1000)
    return is_done(table.sort, t, function(a, b)
        t[#t + 1] = 1
        if #t > 3000 then
            for i = #t, 1, -1 do t[i] = nil end
        end
        return (a or 0) < (b or 0)
    end)
end)
mod.on("mixed", function() return is_done(table.sort, { 1, "a", {}, true, print }) end)
