-- Changes its config without asking the player: by assigning, raw, by a metatable, by freezing.
-- It is read-only, and what the player sets arrives all the same.
-- > dispatch = "go"
-- : {"reached":"","tax":1}
-- > request = "config.set", params = { mod = "hostile", key = "tax", value = 4 }
-- : {"tax":4}
-- > eval = "mod.config.tax"
-- : 4
mod.on("go", function()
    local reached = {}
    local function try(name, f, ...)
        if pcall(f, ...) then
            reached[#reached + 1] = name
        end
    end
    try("set", function() mod.config.tax = 9 end)
    try("new key", function() mod.config.evil = 9 end)
    try("nil", function() mod.config.tax = nil end)
    try("metatable", function() return getmetatable(mod.config).__index.tax end)
    try("setmetatable", setmetatable, mod.config, { __index = function() return 9 end })
    try("clear", function() table.clear(mod.config) end)
    try("remove", function() table.insert(mod.config, 1) end)
    try("mod.config", function() mod.config = { tax = 9 } end)
    pcall(function() table.freeze(mod.config) end)
    return { reached = table.concat(reached, ", "), tax = mod.config.tax }
end)
--@ file mods/hostile/mod.toml
id = "hostile"
version = "1.0.0"

[dependencies]
bystander = "*"

[config.tax]
type = "int"
default = 1
min = 0
max = 5
label = "Tax"
