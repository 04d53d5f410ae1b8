-- The first handler of mod_loaded takes off the next ones, and floods the others with events before anything else
-- has happened.
-- > log = true
-- : info hostile: first (hostile/scripts/main.lua:…)
-- : info hostile: third (hostile/scripts/main.lua:…)
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
local handles = {}
mod.on("mod_loaded", function()
    mod.off(handles[1])
    while pcall(mod.emit, "first") do
    end
    print("first")
end)
handles[1] = mod.on("mod_loaded", function() print("second") end)
handles[2] = mod.on("mod_loaded", function() print("third") end)
