-- Asks for assets by names that lead elsewhere: upwards, absolute, other letters, NUL, backslash, a megabyte.
-- An asset is a file of the mod as it stands in its folder; every other name is nil.
-- > dispatch = "go"
-- : {"own":"mine\n","reached":"","refused":[false,"mod.asset: argument 1 must be the path of a file, such as \"assets/icon.png\", not table"]}
mod.on("go", function()
    local reached = {}
    local names = {
        "../bystander/mod.toml", "../../config/bystander.toml", "/etc/passwd", "assets/../mod.toml", "assets/./a.txt",
        "assets//a.txt", "assets/a.txt/", "ASSETS/a.txt", "assets/A.txt", "assets\\a.txt", "assets/a.txt\0", "\0", "",
        ".", "..", "assets", "@bystander/scripts/main.lua", "bystander/scripts/main.lua", "hostile/assets/a.txt",
        "file:///etc/passwd", "C:\\Windows", "assets/a\204\129.txt", "\255\254", ("x"):rep(1000000), ("../"):rep(1000),
        "mods/hostile/assets/a.txt",
    }
    for _, name in ipairs(names) do
        local ok, handle = pcall(mod.asset, name)
        if not ok or handle ~= nil then
            reached[#reached + 1] = name:sub(1, 40)
        end
    end
    local own = mod.asset("assets/a.txt")
    return { reached = table.concat(reached, ", "), own = own:read(), refused = { pcall(mod.asset, {}) } }
end)
--@ file mods/hostile/assets/a.txt
mine
