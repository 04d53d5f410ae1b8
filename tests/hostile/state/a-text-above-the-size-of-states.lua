-- Puts texts of megabytes into its state, above max_state_size, and many references to one text.
-- The reload carries what fits; a save, and a reload above the size, are refused by name and number.
-- > eval = "mod.state.a == nil"
-- : true
-- > dispatch = "make"
-- > reload = "hostile"
-- : kept hostile gen 1, script
-- :   error state-too-large hostile: has a state that is larger than 1048576 bytes
-- :     hint: keep less in mod.state, or raise state_management.max_state_size
-- > request = "save", params = { path = "s.save" }
-- : {"mods":["bystander"],"bytes":…,"problems":[{"code":"state-too-large","severity":"error","mod":"hostile","because":"has a state that is larger than 1048576 bytes","hint":"keep less in mod.state, or raise state_management.max_state_size"}]}
-- > dispatch = "less"
-- > reload = "hostile"
-- : reloaded hostile gen 2, script
-- > request = "save", params = { path = "s.save" }
-- : {"mods":["bystander","hostile"],"bytes":…,"problems":[]}
mod.on("make", function()
    mod.state.a = ("x"):rep(1500000)
    mod.state.same = {}
    for i = 1, 100 do mod.state.same[i] = mod.state.a end
end)
mod.on("less", function()
    mod.state.a, mod.state.same = nil, nil
end)
