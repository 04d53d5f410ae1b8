-- Writes into, clears and wraps each table of the standard library that it finds.
-- On Luau all are read-only. Elsewhere each mod has copies of its own; the bystander's are whole.
-- > dispatch = "go"
-- : "reached: "
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
