-- Sets the same timer again and again, with a new function that holds 64 KiB each time. What is replaced is
-- freed: all of them together would be 38 MiB, and it has 8.
-- > advance = 600
-- : "600 times"
-- > request = "ledger", params = { mod = "hostile" }
-- : {"entries":[{"mod":"hostile","generation":1,"kind":"timer","name":"same","count":1}]}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
local function again(n)
    local held = string.rep("x", 65536)
    mod.after(1, "same", function()
        again(n + 1)
        return #held == 65536 and n == 599 and "600 times" or nil
    end)
end
again(0)
