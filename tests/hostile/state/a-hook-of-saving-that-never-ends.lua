-- Its on_save never ends, at a reload and at a save of the whole game.
-- It is stopped by the time limit of a handler. The save of the others is whole.
-- > request = "save", params = { path = "s.save" }
-- : {"mods":["bystander","hostile"],"bytes":…,"problems":[{"code":"time-limit","severity":"error","mod":"hostile","because":"ran longer than its limit of 50 ms in on_save and was stopped","file":"hostile/scripts/main.lua","line":16,"hint":"do less at once: spread the work over ticks with mod.every, or look for an endless loop"}]}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in on_save and was stopped
-- > next
-- : loaded hostile gen 2, full
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 2
mod.state.n = 1
mod.on_save(function()
    mod.state.n = mod.state.n + 1
    while true do end
end)
--@ next
mod.state.n = 1
mod.on("go", function() return mod.state.n end)
