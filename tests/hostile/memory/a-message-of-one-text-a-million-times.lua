-- A table with the same text of 1 MB in each of 1,000 places: here it is 1 MB, as a message it would be a gigabyte. It is refused.
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:…): raised an error in a handler of `go`: mod.emit: an argument can't cross because it has strings of more than 16777216 bytes
-- :     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    local text, t = ("x"):rep(1000000), {}
    for i = 1, 1000 do
        t[i] = text
    end
    mod.emit("much", t)
end)
