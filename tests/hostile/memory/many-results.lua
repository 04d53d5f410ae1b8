-- A text of 1 MB, 100 times as a result of its own.
-- > dispatch = "go"
-- :   error lua-error hostile: raised an error in a handler of `go`: a result can't cross because it has strings of more than 16777216 bytes
-- :     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    local text, t = ("x"):rep(1000000), {}
    for i = 1, 100 do
        t[i] = text
    end
    return (table.unpack or unpack)(t)
end)
