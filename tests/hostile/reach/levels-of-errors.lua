-- Raises errors at every level of the stack, to read the places of Lunation's own code from the messages.
-- The levels above the handler are not the mod's: they give no place. One file is named that is not the mod's: the line of
-- Lunation's prelude from which `require` runs a module. It is no secret, and no problem is placed there.
-- > dispatch = "go"
-- : ["lunation/prelude.lua:…: in a module"]
-- lua54: ["lunation/prelude.lua:…: in a module"]
-- > dispatch = "far"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `far`: from far
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `far`: from far
-- lua54:     hint: correct this line and save: a save is live at once
mod.on("go", function()
    local places = {}
    for level = 0, 40 do
        local _, why = pcall(function() error("here", level) end)
        if why ~= "here" and not why:find("^hostile/scripts/main.lua:%d+: here$") then
            places[#places + 1] = level .. ": " .. why
        end
    end
    for level = 0, 10 do
        local _, why = pcall(function() local module = require("at" .. level) return module end)
        if why:find("lunation") then
            places[#places + 1] = why
        end
    end
    for _, level in ipairs({ -1, -2147483648, 2147483647, 2 ^ 53, 1e300, -1e300, 1 / 0, 0 / 0 }) do
        local _, why = pcall(function() pcall(error, "x", level) error("odd level", level) end)
        if tostring(why):find("lunation") then
            places[#places + 1] = why
        end
    end
    return places
end)
mod.on("far", function() error("from far", 100) end)
--@ file mods/hostile/scripts/at1.lua
error("in a module", 3)
--@ file mods/hostile/scripts/at2.lua
error("in a module", 4)
--@ file mods/hostile/scripts/at3.lua
error("in a module", 2)
