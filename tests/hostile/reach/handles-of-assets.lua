-- Forges handles of assets: other paths in its own handle, handles made by hand, metatables that answer late.
-- A handle is asked for its path at each read, and only the mod's own files can be read by any path.
-- > dispatch = "go"
-- : "reached: "
-- > write = "mods/hostile/assets/a.txt", text = "longer than before"
-- : applied hostile gen 1, asset: assets/a.txt
-- > dispatch = "size"
-- : {"path":"assets/a.txt","read":"longer than before","size":18}
local handle = mod.asset("assets/a.txt")

mod.on("go", function()
    local reached = {}
    local function try(name, f, ...)
        local ok, content = pcall(f, ...)
        if ok and content ~= nil and content ~= "mine\n" then
            reached[#reached + 1] = name
        end
    end
    local paths = {
        "../bystander/scripts/main.lua", "/etc/passwd", "assets/../../bystander/mod.toml", "assets/a.txt/../../../lunation.toml",
        "assets/a.txt\0.png", "assets\\a.txt", "./assets/a.txt", "assets//a.txt", "ASSETS/A.TXT", "", ".", "assets", "assets/",
    }
    for _, path in ipairs(paths) do
        handle.path = path
        try("by handle " .. path, handle.read, handle)
        try("by hand " .. path, handle.read, { path = path })
        local asked = 0
        local late = setmetatable({}, { __index = function()
            asked = asked + 1
            return asked == 1 and "assets/a.txt" or path
        end })
        try("late " .. path, handle.read, late)
    end
    for _, odd in ipairs({ 1, true, print, {} }) do
        try("odd", handle.read, { path = odd })
    end
    try("metatable", function() return getmetatable(handle).__index end)
    try("setmetatable", setmetatable, handle, {})
    handle.path, handle.size, handle.version = "/etc/passwd", -1, "x"
    pcall(table.freeze or print, handle)
    return "reached: " .. table.concat(reached, ", ")
end)

mod.on("size", function()
    local again = mod.asset("assets/a.txt")
    return { size = again.size, path = again.path, read = again:read() }
end)
--@ file mods/hostile/assets/a.txt
mine
