-- Has locals of one name by the dozen, renames them to each other, and moves them between functions and files.
-- Each is told apart by its place; a swap of names is another slot, and what is lost is named.
-- > dispatch = "go"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   conflicts: scripts/main.lua: local x, scripts/main.lua: local y, scripts/main.lua: local x#3
-- > dispatch = "look"
-- : {"one":12,"two":11,"x":13,"y":14}
local x = { 1 }
do local x = { 2 } function one() x[1] = x[1] + 10 return x[1] end end
do local x = { 3 } function two() x[1] = x[1] + 10 return x[1] end end
local y = { 4 }
mod.on("go", function()
    one() two()
    x[1], y[1] = x[1] + 10, y[1] + 10
end)
--@ next
local y = { 1 }
do local x = { 3 } function two() return x[1] end end
do local x = { 2 } function one() return x[1] end end
local x = { 4 }
mod.on("look", function()
    return { x = x[1], y = y[1], one = one(), two = two() }
end)
