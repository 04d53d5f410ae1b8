-- The same set after a bracket that only looks as if it began or ended one. It is refused as well.
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: string.gsub: a set of 20005 characters is too long for a text of 100000 bytes; search it in pieces
-- :     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    local set = "%[[]%]" .. ("b"):rep(20000) .. "a]*"
    local _ = ("a["):rep(50000):gsub(set, "")
end)
