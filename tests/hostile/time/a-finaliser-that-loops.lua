-- A finaliser that never ends, which the engine would run whenever it likes, and again when the VM is closed. Only Lua 5.4 has them, for tables; they are refused. Luau takes it for a field like any other.
-- > dispatch = "go"
-- : "done"
-- lua54:   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: setmetatable: there are no finalisers (__gc); clean up in a handler of mod_unloaded
-- lua54:     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    setmetatable({}, {__gc = function()
        while true do
        end
    end})
    for i = 1, 100000 do
        local _ = {}
    end
    return "done"
end)
