-- Replaces mod.state in the middle of an event, again and again; with what is no table, too. A reload after it
-- carries what is there.
-- > dispatch = "go"
-- : true
-- : "hostile/scripts/main.lua:…: mod.state must be a table, not number"
-- : 1001
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > state = "n"
-- : 1001
mod.state.n = 0
mod.on("go", function()
    local old = mod.state
    mod.state = { n = old.n + 1, old = { old = old } }
    return mod.state ~= old and mod.state.old.old == old
end)
mod.on("go", function()
    for i = 1, 1000 do
        mod.state = { n = mod.state.n + 1 }
    end
    return select(2, pcall(function() mod.state = 5 end))
end)
mod.on("go", function()
    mod.state = mod.state
    mod.state.itself = mod.state
    return mod.state.n
end)
--@ next
mod.state.n = 0
