-- An error whose message is a million bytes of which none is a letter.
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: �…
-- :     hint: correct this line and save: a save is live at once
-- lua54:   error lua-error hostile: raised an error in a handler of `go`: �…
-- lua54:     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    error(("\255"):rep(1000000), 0)
end)
