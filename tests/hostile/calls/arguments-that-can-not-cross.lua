-- Sends another mod what can't cross, and what is hard to carry: cycles, depth, functions, coroutines, its metatables.
-- > dispatch = "go"
-- : {"circle":true,"depth":"bystander.ask: an argument can't cross because it is nested deeper than 128 tables","functions":true,"is_a_copy":true,"metatable":true,"nothing":true,"wide":3}
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
local ask = mod.import("bystander").ask
mod.on("go", function()
    local circle = {}
    circle[1] = circle
    local back = ask(circle)
    local deep = {}
    for _ = 1, 100000 do
        deep = { deep }
    end
    local _, depth = pcall(ask, deep)
    local wide = {}
    for i = 1, 20 do
        wide = { wide, wide, wide }
    end
    return {
        circle = back[1] == back,
        is_a_copy = back ~= circle,
        depth = depth,
        wide = #ask(wide),
        functions = ask({ print, coroutine.create(print) })[1] == nil,
        metatable = getmetatable(ask(setmetatable({ 1 }, { __index = error }))) == nil,
        nothing = ask() == nil,
    }
end)
