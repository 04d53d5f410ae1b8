-- Texts of 60 KB that nobody keeps, 100 of them: what is kept is small. The collector keeps up, and nothing ends.
-- > dispatch = "go"
-- : "done"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    for i = 1, 100 do
        local _ = ("x"):rep(60000) .. i
    end
    return "done"
end)
