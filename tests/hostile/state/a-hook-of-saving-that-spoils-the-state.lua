-- Its on_save replaces the state by a proxy, by its globals, by the API, and by a coroutine inside, one after the other.
-- What is the engine's or the API's own crosses by its name; what can't cross refuses the reload with its path.
-- > eval = "spoil(mod)"
-- > reload = "hostile"
-- : reloaded hostile gen 2, script
-- > eval = "mod.state == mod"
-- : true
-- > eval = "spoil(_G)"
-- > reload = "hostile"
-- : reloaded hostile gen 3, script
-- > eval = "mod.state == _G"
-- : true
-- > eval = "spoil(string)"
-- > reload = "hostile"
-- : reloaded hostile gen 4, script
-- > eval = "mod.state == string"
-- : true
-- > request = "save", params = { path = "s.save" }
-- : {"mods":["bystander","hostile"],"bytes":…,"problems":[]}
-- > eval = "spoil({ inside = coroutine.create(print) })"
-- > reload = "hostile"
-- : kept hostile gen 4, script
-- :   error uncarryable hostile: can't be carried: state.inside is a running coroutine
-- :     hint: keep its progress as plain data, and go on from there in a handler
-- > eval = "spoil({ n = 1 })"
-- > reload = "hostile"
-- : reloaded hostile gen 5, script
-- > state = ""
-- : {"n":1}
local next_state
function spoil(state) next_state = state end
mod.on_save(function()
    if next_state ~= nil then
        mod.state = next_state
    end
end)
