-- mod.on_save never ends: it is stopped, the old code runs no more, and the new code gets what the mod knew without it.
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   added: state.is_new
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in on_save and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 2
mod.on_save(function()
    while true do
    end
end)
--@ next
mod.state.is_new = true
