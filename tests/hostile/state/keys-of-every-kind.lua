-- Uses tables in circles, functions, coroutines, its API, proxies, booleans, fractions, infinities and -0 as keys, and tries nan.
-- Keys cross like values. What can't cross is named by its path.
-- > dispatch = "make"
-- : {"nan":false,"null":false}
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   added: globals.bad
-- > dispatch = "look"
-- : {"circle":"ba","itself":true,"mod":"mod","numbers":[1,2,3,4,5,6,7],"own":"function","print":"print","proxy":"proxy"}
-- > eval = "bad()"
-- > reload = "hostile"
-- : kept hostile gen 2, script
-- :   error uncarryable hostile: can't be carried: state.keys[a running coroutine] is an entry with a running coroutine as its key
-- :     hint: keep its progress as plain data, and go on from there in a handler
-- > reload = "hostile", drop = true
-- : reloaded hostile gen 3, script
-- :   dropped: state.keys[a running coroutine]
-- > dispatch = "look"
-- : {"circle":"ba","itself":true,"mod":"mod","numbers":[1,2,3,4,5,6,7],"own":"function","print":"print","proxy":"proxy"}
local function own() return "own" end

mod.on("make", function()
    local keys = {}
    keys[keys] = keys
    local a, b = {}, {}
    a[b], b[a] = "b", "a"
    keys.a, keys.b = a, b
    keys[own] = "function"
    keys[print] = "print"
    keys[mod] = "mod"
    keys[mod.import("bystander")] = "proxy"
    keys[true], keys[1.5], keys[1 / 0], keys[-1 / 0], keys[-0.0], keys[2 ^ 53], keys[""] = 1, 2, 3, 4, 5, 6, 7
    mod.state.keys = keys
    return { nan = pcall(function() keys[0 / 0] = 1 end), null = pcall(rawset, keys, nil, 1) }
end)
--@ next
local function own() return "own" end

function bad() mod.state.keys[coroutine.create(print)] = 1 end

mod.on("look", function()
    local keys = mod.state.keys
    return { itself = keys[keys] == keys, circle = (keys.a[keys.b] or "") .. (keys.b[keys.a] or ""), own = keys[own], print = keys[print],
        mod = keys[mod], proxy = keys[mod.import("bystander")], numbers = { keys[true], keys[1.5], keys[1 / 0], keys[-1 / 0], keys[0], keys[2 ^ 53], keys[""] } }
end)
