-- The same as an argument for a function of another mod.
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: bystander.ask: an argument can't cross because it has strings of more than 16777216 bytes
-- :     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    local text, t = ("x"):rep(1000000), {}
    for i = 1, 1000 do
        t[i] = text
    end
    mod.import("bystander").ask(t)
end)
