-- A set of 20,000 letters, repeated over a text of 100,000: the engine would compare each with each in one go. It is refused.
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: string.find: a set of 20002 characters is too long for a text of 100000 bytes; search it in pieces
-- :     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    local set = "[" .. ("b"):rep(20000) .. "a]*"
    local _ = ("a"):rep(100000):find(set)
end)
