-- While they run, timers cancel and set themselves, each other, and those that are due at the same tick.
-- > advance = 1
-- : "a"
-- : "d"
-- > advance = 1
-- : "the new c"
-- : "the last d"
-- > advance = 1
-- > request = "ledger", params = { mod = "hostile" }
-- : {"entries":[]}
mod.after(1, "a", function()
    mod.cancel("b")
    mod.after(1, "c", function() return "the new c" end)
    mod.after(1, "a", function() return "a again" end)
    return mod.cancel("a") and not mod.cancel("a") and "a"
end)
mod.after(1, "b", function() return "b, which is cancelled" end)
mod.after(1, "c", function() return "the old c" end)
mod.every(1, "d", function()
    mod.every(1, "d", function()
        mod.cancel("d")
        return "the last d"
    end)
    return "d"
end)
