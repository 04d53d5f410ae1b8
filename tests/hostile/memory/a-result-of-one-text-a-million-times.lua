-- The same as a result of a handler. It is refused.
-- > dispatch = "go"
-- :   error lua-error hostile: raised an error in a handler of `go`: a result can't cross because it has strings of more than 16777216 bytes
-- :     hint: correct this line and save: a save is live at once
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    local text, t = ("x"):rep(1000000), {}
    for i = 1, 1000 do
        t[i] = text
    end
    return t
end)
