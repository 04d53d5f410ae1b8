-- A task cancels itself and begins itself anew while it runs, and says that it has ended. The new one goes on.
-- > advance = 4
-- > eval = "mod.state.log"
-- : "123"
-- > request = "ledger", params = { mod = "hostile" }
-- : {"entries":[]}
mod.state.log = ""
local function step(data)
    mod.state.log = mod.state.log .. data.n
    if data.n < 3 then
        mod.cancel("same")
        mod.task("same", step, { n = data.n + 1 })
    end
    return true
end
mod.task("same", step, { n = 1 })
