-- Its state changes its types in the code and at run time at once: tables to numbers, numbers to functions, nil to tables.
-- The code relies on the new type: live values of another one are dropped, by path.
-- > dispatch = "go"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   dropped: scripts/main.lua: local e, globals.f, state.a, state.b, state.d.deep
-- :   conflicts: state.c
-- > dispatch = "look"
-- : ["number","table","string","number","number","function"]
mod.state.a, mod.state.b, mod.state.c, mod.state.d = {}, 1, "x", { deep = { n = 1 } }
local e = { 1 }
f = 1
mod.on("go", function()
    mod.state.a.n, mod.state.b, mod.state.c = 1, 2, "y"
    mod.state.d.deep.n = 2
    e[1], f = 2, 2
end)
--@ next
mod.state.a, mod.state.b, mod.state.c, mod.state.d = 1, {}, print, { deep = 5 }
local e = 7
function f() return "function" end
mod.on("look", function()
    local s = mod.state
    return { type(s.a), type(s.b), type(s.c), type(s.d.deep), type(e), type(f) }
end)
