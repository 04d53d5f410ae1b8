-- Fills its state with as many keys as its memory holds, then is reloaded and saved.
-- What fits into the memory of a VM is carried; what is above max_state_size is not saved, in words.
-- > dispatch = "make"
-- : "made"
-- > reload = "hostile"
-- : reloaded hostile gen 2, script
-- > request = "save", params = { path = "s.save" }
-- : {"mods":["bystander","hostile"],"bytes":…,"problems":[]}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 2
mod.on("make", function()
    for i = 1, 100000 do
        mod.state[i] = i % 2 == 0
    end
    for i = 1, 40000 do
        mod.state["k" .. i] = ""
    end
    return "made"
end)
--@ file mods/lunation.toml
[limits]
handler_time = 10000
memory = 8388608
