-- Calls itself without an end: in Lua, through pcall, metamethods, gsub, sort, coroutines in coroutines, tostring.
-- The engine's own bounds end each with an error of the call.
-- > dispatch = "lua"
-- : "stopped"
-- > dispatch = "protected"
-- : "stopped"
-- > dispatch = "index"
-- : "stopped"
-- > dispatch = "concat"
-- : "stopped"
-- > dispatch = "gsub"
-- : "stopped"
-- > dispatch = "sort"
-- : "stopped"
-- > dispatch = "coroutines"
-- : "stopped"
-- > dispatch = "tostring"
-- : "stopped"
-- > dispatch = "index_chain"
-- : "stopped"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
local function is_stopped(f)
    local ok, why = pcall(f)
    why = tostring(why)
    local known = why:find("overflow") or why:find("too deep") or why:find("loop") or why:find("too many") or why:find("not enough memory")
    return not ok and (known and "stopped" or why)
end

mod.on("lua", function()
    local function deeper() return 1 + deeper() end
    return is_stopped(deeper)
end)
mod.on("protected", function()
    local depth = 0
    local function deeper()
        depth = depth + 1
        local ok, why = pcall(deeper)
        if not ok then error(why, 0) end
    end
    return is_stopped(deeper)
end)
mod.on("index", function()
    local t = {}
    setmetatable(t, { __index = function(_, key) return t[key .. "x"] end })
    return is_stopped(function() return t.x end)
end)
mod.on("concat", function()
    local t = {}
    setmetatable(t, { __concat = function() return t .. "x" end })
    return is_stopped(function() return t .. "x" end)
end)
mod.on("gsub", function()
    local function deeper() return (("x"):gsub("x", deeper)) end
    return is_stopped(deeper)
end)
mod.on("sort", function()
    local function deeper() table.sort({ 1, 2 }, deeper) return true end
    return is_stopped(deeper)
end)
mod.on("coroutines", function()
    local function deeper() return coroutine.wrap(deeper)() end
    return is_stopped(deeper)
end)
mod.on("tostring", function()
    local t = {}
    setmetatable(t, { __tostring = function() return tostring(t) end })
    return is_stopped(function() return tostring(t) end)
end)
mod.on("index_chain", function()
    local first = {}
    local last = first
    for _ = 1, 1000 do last = setmetatable({}, { __index = last }) end
    getmetatable(last).__index = last
    setmetatable(first, { __index = last })
    return is_stopped(function() return last.x end) or "ended"
end)
