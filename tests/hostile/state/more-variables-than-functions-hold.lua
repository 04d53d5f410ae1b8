-- Has functions with as many variables around them as the engine allows, made again and again.
-- All of them are carried.
-- > dispatch = "go"
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- > dispatch = "look"
-- : [60,…]
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 2
local made = {}
mod.state.count = 0
local function make(n)
    local a, b, c, d, e, f, g, h = n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7
    local i, j, k, l, m, o, p, q = n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7
    return function()
        a, b, c, d, e, f, g, h = a + 1, b + 1, c + 1, d + 1, e + 1, f + 1, g + 1, h + 1
        i, j, k, l, m, o, p, q = i + 1, j + 1, k + 1, l + 1, m + 1, o + 1, p + 1, q + 1
        return a + b + c + d + e + f + g + h + i + j + k + l + m + o + p + q
    end
end
mod.on("go", function()
    for n = 1, 60 do
        made[n] = make(n)
        made[n]()
    end
end)
--@ next
local made = {}
mod.state.count = 0
local function make(n)
    local a, b, c, d, e, f, g, h = n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7
    local i, j, k, l, m, o, p, q = n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7
    return function()
        a, b, c, d, e, f, g, h = a + 1, b + 1, c + 1, d + 1, e + 1, f + 1, g + 1, h + 1
        i, j, k, l, m, o, p, q = i + 1, j + 1, k + 1, l + 1, m + 1, o + 1, p + 1, q + 1
        return a + b + c + d + e + f + g + h + i + j + k + l + m + o + p + q
    end
end
mod.on("look", function() return { #made, made[1](), made[60]() } end)
