-- Keeps coroutines, functions made at run time, builtins, wrapped coroutines and C functions in its state.
-- Functions cross by their place in the source, coroutines refuse the reload by path, and `drop` names what it lost.
-- > dispatch = "make"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > dispatch = "wrap"
-- > reload = "hostile"
-- : kept hostile gen 2, script
-- :   error uncarryable hostile: can't be carried: state.deep.a.b[1] is a running coroutine
-- :     hint: keep its progress as plain data, and go on from there in a handler
-- :   error uncarryable hostile: can't be carried: state.thread is a running coroutine
-- :     hint: keep its progress as plain data, and go on from there in a handler
-- :   error uncarryable hostile: can't be carried: state.wrapped is a function
-- :     hint: keep the name of the function in the state, and look it up in a table of functions
-- > reload = "hostile", drop = true
-- : reloaded hostile gen 3, script
-- :   dropped: state.deep.a.b[1], state.thread, state.wrapped
-- > dispatch = "look"
-- : {"api":true,"builtin":"X","import":8,"made":42,"thread":"nil","wrapped":"nil"}
mod.on("make", function()
    local n = 40
    mod.state.made = function() n = n + 1 return n end
    mod.state.made()
    mod.state.builtin = string.upper
    mod.state.api = mod.on
    mod.state.import = mod.import("bystander").twice
end)
--@ next
mod.on("make", function()
    local n = 40
    mod.state.made = function() n = n + 1 return n end
end)
mod.on("wrap", function()
    mod.state.wrapped = coroutine.wrap(function() coroutine.yield(1) end)
    mod.state.thread = coroutine.create(print)
    mod.state.deep = { a = { b = { coroutine.running() } } }
end)
mod.on("look", function()
    local s = mod.state
    return { made = s.made(), builtin = s.builtin("x"), api = s.api == mod.on, import = s.import(4), wrapped = type(s.wrapped), thread = type(s.thread) }
end)
