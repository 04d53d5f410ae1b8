-- Makes its state out of everything: nil, numbers, functions, its API, a proxy, its handles, package.loaded, a weak table.
-- A table is taken, as it is; the rest is refused at that line, and the state is as it was.
-- > dispatch = "go"
-- : ["hostile/scripts/main.lua:…: mod.state must be a table, not number","hostile/scripts/main.lua:…: mod.state must be a table, not boolean","hostile/scripts/main.lua:…: mod.state must be a table, not string","hostile/scripts/main.lua:…: mod.state must be a table, not function","hostile/scripts/main.lua:…: mod.state must be a table, not thread","hostile/scripts/main.lua:…: mod.state must be a table, not nil"]
-- > state = "kept"
-- : true
-- > eval = "take(mod.config)"
-- > reload = "hostile"
-- : reloaded hostile gen 2, script
-- > eval = "take(package.loaded)"
-- > reload = "hostile"
-- : reloaded hostile gen 3, script
-- > state = ""
-- : {"main":true}
-- > eval = "take(mod.import('bystander'))"
-- > reload = "hostile"
-- : reloaded hostile gen 4, script
-- > request = "save", params = { path = "s.save" }
-- : {"mods":["bystander","hostile"],"bytes":…,"problems":[]}
-- > eval = "mod.state == mod.import('bystander')"
-- : true
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 4
mod.state.kept = true
function take(state) mod.state = state end
mod.on("go", function()
    local words = {}
    for _, odd in ipairs({ 1, true, "x", print, coroutine.create(print) }) do
        local _, why = pcall(take, odd)
        words[#words + 1] = why
    end
    local _, why = pcall(take, nil)
    words[#words + 1] = why
    return words
end)
