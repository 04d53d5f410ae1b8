-- A table that is made with room for a billion entries. The engine knows by itself that there is none so large.
-- Only luau: only Luau has table.create.
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: table overflow
-- :     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    return table.create(10 ^ 9)
end)
