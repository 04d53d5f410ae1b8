-- Writes into, clears and wraps each table of the standard library that it finds.
-- On Luau all are read-only. Elsewhere each mod has copies of its own; the bystander's are whole.
-- > dispatch = "go"
-- : "reached: "
-- lua54: "reached: string set, string rawset, string setmetatable, string insert, string replaced, table set, table rawset, table setmetatable, table insert, table replaced, math set, math rawset, math setmetatable, math insert, math replaced, coroutine set, coroutine rawset, coroutine setmetatable, coroutine insert, coroutine replaced, utf8 set, utf8 rawset, utf8 setmetatable, utf8 insert, utf8 replaced, package set, package rawset, package setmetatable, package insert, package replaced"
mod.on("go", function()
    local reached = {}
    local function try(name, f, ...)
        if pcall(f, ...) then
            reached[#reached + 1] = name
        end
    end
    for _, name in ipairs({ "string", "table", "math", "coroutine", "utf8", "package" }) do
        local library = _G[name]
        try(name .. " set", function() library.evil = 1 end)
        try(name .. " rawset", rawset, library, "evil", 1)
        try(name .. " setmetatable", setmetatable, library, {})
        try(name .. " insert", function() table.insert(library, 1) end)
        for key in pairs(library) do
            try(name .. " replaced", function() library[key] = function() end end)
            break
        end
    end
    return "reached: " .. table.concat(reached, ", ")
end)
