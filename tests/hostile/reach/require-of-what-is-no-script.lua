-- Requires assets, data, a script outside of `scripts`, and its own manifest.
-- Just files below `scripts` are modules.
-- > dispatch = "go"
-- : "reached: "
mod.on("go", function()
    local reached = {}
    for _, name in ipairs({ "data", "data.txt", "../assets/code", "assets/code", "assets.code", "code", "mod", "mod.toml", "outside", "migrations.0001-x" }) do
        if pcall(require, name) then
            reached[#reached + 1] = name
        end
    end
    return "reached: " .. table.concat(reached, ", ")
end)
--@ file mods/hostile/scripts/data.txt
return 1
--@ file mods/hostile/assets/code.lua
return 1
--@ file mods/hostile/outside.lua
return 1
