-- Its on_save adds to the state each time, by more and more, registers more of itself, and reloads of others come.
-- It runs once before each capture, within its limits; the capture sees what is there then.
-- > reload = "hostile"
-- : reloaded hostile gen 2, script
-- > eval = "mod.state.n"
-- : 1
-- > request = "save", params = { path = "s.save" }
-- : {"mods":["bystander","hostile"],"bytes":…,"problems":[]}
-- > reload = "hostile"
-- : reloaded hostile gen 3, script
-- > eval = "mod.state.n"
-- : 7
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 3
mod.state.n = 0
mod.state.items = {}
local function on_save()
    mod.state.n = mod.state.n + 1
    for i = 1, 1000 do
        mod.state.items[#mod.state.items + 1] = { i }
    end
    if mod.state.n < 4 then
        mod.on_save(on_save)
    end
end
mod.on_save(on_save)
