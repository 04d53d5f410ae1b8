-- Answers events with tables full of traps, functions, coroutines, cycles, depth and its own API.
-- The game gets plain data, and no code of the mod runs for it.
-- > dispatch = "traps"
-- : {"$table":[[1,1],[2,2],["x",3]]}
-- > dispatch = "functions"
-- : {"f":{"$function":null},"p":{"$function":null},"t":{"$userdata":"coroutine"}}
-- > dispatch = "cycle"
-- : {"t":{"$ref":0}}
-- > dispatch = "api"
-- : {}
-- : {}
-- : {"path":"assets/a.txt","size":5,"version":1}
-- > dispatch = "deep"
-- :   error lua-error hostile: raised an error in a handler of `deep`: a result can't cross because it is nested deeper than 128 tables
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "many"
-- > dispatch = "keys"
-- : {"$table":[[-1,4],[1.5,3],[true,2]]}
-- > dispatch = "table_keys"
-- : {"$table":[[{},1]]}
-- > dispatch = "bytes"
-- : [{"$bytes":"/wA="},{"$number":"nan"},{"$number":"inf"},{"$number":"-inf"}]
local function trap() error("a trap ran") end
local traps = { __index = trap, __len = trap, __pairs = trap, __iter = trap, __tostring = trap, __metatable = trap, __eq = trap }

mod.on("traps", function() return setmetatable({ 1, 2, x = 3 }, traps) end)
mod.on("functions", function() return { f = trap, t = coroutine.create(trap), p = print } end)
mod.on("cycle", function() local t = {} t.t = t return t end)
mod.on("api", function() return mod, mod.import("bystander"), mod.asset("assets/a.txt") end)
mod.on("deep", function()
    local t = {}
    for _ = 1, 100000 do t = { t } end
    return t
end)
mod.on("many", function() return (unpack or table.unpack)({}, 1, 200) end)
mod.on("keys", function() return { [true] = 2, [1.5] = 3, [-1] = 4 } end)
mod.on("table_keys", function() return { [{}] = 1 } end)
mod.on("bytes", function() return { "\255\0", 0 / 0, 1 / 0, -1 / 0 } end)
--@ file mods/hostile/assets/a.txt
mine
