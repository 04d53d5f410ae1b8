-- Requires files of mods that are no dependency, of itself by a detour, and upwards out of a dependency.
-- Just declared dependencies are looked into, and only their scripts.
-- > dispatch = "go"
-- : {"own":"mine","reached":"","undeclared":"require(\"@neighbour/main\"): neighbour is not in [dependencies] of this mod's mod.toml"}
local names = {
    "@neighbour/main", "@neighbour/scripts/main", "@bystander", "@bystander/", "@bystander//main", "@bystander/../neighbour/main",
    "@bystander/../../neighbour/scripts/main", "@bystander/scripts/main", "@bystander/mod", "@bystander/mod.toml",
    "@BYSTANDER/main", "@bystander\0/main", "@bystander.main", "@../neighbour/main", "@./main", "@hostile/../bystander/main",
    "@lunation/prelude", "@*/main", "@bystander@neighbour/main", "@neighbour.main",
}

mod.on("go", function()
    local reached = {}
    for _, name in ipairs(names) do
        if pcall(require, name) then
            reached[#reached + 1] = name
        end
    end
    local _, undeclared = pcall(require, "@neighbour/main")
    return { reached = table.concat(reached, ", "), own = require("@hostile/a"), undeclared = undeclared }
end)
--@ file mods/hostile/scripts/a.lua
return "mine"
--@ file mods/neighbour/mod.toml
id = "neighbour"
version = "1.0.0"
--@ file mods/neighbour/scripts/main.lua
return "secret"
