-- Takes an import apart: writes into it, wraps it, asks it for names that no function has, walks over it.
-- It gives the exported functions and nothing else, before and after.
-- > dispatch = "go"
-- : {"reached":"","same":true,"twice":42}
-- > reload = "library"
-- : reloaded library gen 2, script
-- > eval = "library.twice(21)"
-- : 42
library = mod.import("library")

mod.on("go", function()
    local reached = {}
    local function try(name, f, ...)
        local ok, value = pcall(f, ...)
        if ok and value ~= nil then
            reached[#reached + 1] = name
        end
    end
    try("write", function() library.twice = print return 1 end)
    try("new", function() library.evil = print return 1 end)
    try("setmetatable", setmetatable, library, {})
    try("metatable", function() return getmetatable(library).__index end)
    try("next", function() return next(library) end)
    try("clone", function() return table.clone(library) end)
    for _, name in ipairs({ "", "__index", "state", "own", "beats", "mod", "ask\0", "\255", "twice.ask", ("x"):rep(1000000), 1, true, {}, print }) do
        try("member " .. tostring(name):sub(1, 20), function() return library[name] end)
    end
    try("nil", function() return library[nil] end)
    return { reached = table.concat(reached, ", "), twice = library.twice(21), same = library.twice == library.twice }
end)
--@ file mods/hostile/mod.toml
id = "hostile"
version = "1.0.0"

[dependencies]
bystander = "*"
library = "*"
--@ file mods/library/mod.toml
id = "library"
version = "1.0.0"
--@ file mods/library/scripts/main.lua
mod.state.own = 1
mod.export({ ask = function(value) return value end, twice = function(n) return n * 2 end })
