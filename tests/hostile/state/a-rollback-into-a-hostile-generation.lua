-- Its first generation is harmless when it starts, and loops in on_load when it comes back; the second one is whole.
-- The rollback is refused, and what runs goes on.
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > dispatch = "go"
-- : 2
-- > rollback = "hostile"
-- : kept hostile gen 2, full
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in on_load and was stopped
-- :     hint: on_load runs before the switch; the generation before runs on
-- > dispatch = "go"
-- : 3
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 2
-- > history = "hostile"
-- : gen 1 1.0.0, state 0, from tick 0 to 0: reload
-- : gen 2 1.0.0, state 0, from tick 0: runs
mod.state.n = 1
mod.on_load(function(load)
    if load.reason ~= "start" then
        while true do end
    end
end)
--@ next
mod.state.n = 1
mod.on("go", function()
    mod.state.n = mod.state.n + 1
    return mod.state.n
end)
