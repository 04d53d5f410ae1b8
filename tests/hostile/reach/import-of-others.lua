-- Imports mods that it does not depend on, itself, names that are none, and odd values.
-- Each is an error that says what is missing in the manifest; none gives a proxy.
-- > dispatch = "go"
-- : {"reached":"","words":["mod.import: neighbour is not in [dependencies] of hostile's mod.toml; add `neighbour = \"*\"`","mod.import: hostile is not in [dependencies] of hostile's mod.toml; add `hostile = \"*\"`","mod.import: the id \"lunation\" is refused because it is a reserved name","mod.import: the id of a mod must have 1 to 128 bytes","mod.import: the id \"..\" is refused because it starts with '.'; an id starts with a small letter a to z","mod.import: the id \"BYSTANDER\" is refused because it starts with 'B'; an id starts with a small letter a to z","mod.import: the id of a mod must have no control characters","mod.import: the id of a mod must be UTF-8","mod.import: the id of a mod must have no control characters","mod.import: the id \"xxxxxxxx…","mod.import: the id \"@bystander\" is refused because it starts with '@'; an id starts with a small letter a to z"]}
mod.on("go", function()
    local reached, words = {}, {}
    for _, id in ipairs({ "neighbour", "hostile", "lunation", "", "..", "BYSTANDER", "by\0stander", "\255", "bystander\n", ("x"):rep(100), "@bystander" }) do
        local ok, why = pcall(mod.import, id)
        if ok then
            reached[#reached + 1] = id
        end
        words[#words + 1] = tostring(why):sub(1, 120)
    end
    for _, odd in ipairs({ 1, true, {}, print }) do
        if pcall(mod.import, odd) then
            reached[#reached + 1] = type(odd)
        end
    end
    return { reached = table.concat(reached, ", "), words = words }
end)
--@ file mods/neighbour/mod.toml
id = "neighbour"
version = "1.0.0"
--@ file mods/neighbour/scripts/main.lua
mod.export({ secret = function() return "secret" end })
