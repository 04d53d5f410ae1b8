-- Its on_load and top-level code emit, call other mods, save into the game, log, and take handlers off.
-- What changes the game is refused while staging; calls of others work only when the mod runs, and a refused stage leaves no trace.
-- > next
-- : kept hostile gen 1, script: scripts/main.lua
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in on_load: after all that
-- :     hint: on_load runs before the switch; the generation before runs on
-- > log = true
-- : info hostile: emit: mod.emit changes the game and can't be used while the mod loads; call it from a handler, such as mod.on("mod_loaded", …) (hostile/scripts/main.lua:…)
-- : info hostile: save: colony.state.save_mod_state changes the game and can't be used while the mod loads; call it from a handler, such as mod.on("mod_loaded", …) (hostile/scripts/main.lua:…)
-- : info hostile: mood: colony.colonists.set_mood needs the capability "colony.colonists", which mod.toml does not ask for: add it to [capabilities], and the game must grant it (hostile/scripts/main.lua:…)
-- : info hostile: off: false (hostile/scripts/main.lua:…)
-- : info hostile: state: nil (hostile/scripts/main.lua:…)
-- > dispatch = "go"
-- : "the first one"
mod.on("go", function() return "the first one" end)
--@ next
local words = {}
local function try(what, f, ...)
    local _, why = pcall(f, ...)
    words[#words + 1] = what .. ": " .. tostring(why)
end
mod.on_load(function(load)
    load.reason = "forged"
    try("emit", mod.emit, "x")
    try("save", colony.state.save_mod_state, "bystander", {})
    try("mood", colony.colonists.set_mood, 1, 1)
    try("off", mod.off, 1)
    try("state", function() mod.state = { replaced = true } end)
    for _, word in ipairs(words) do print(word) end
    error("after all that")
end)
