-- Log lines of a million bytes each; 4 KiB of each are kept.
-- > dispatch = "go"
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 1
mod.on("go", function()
    for i = 1, 3 do
        print(("x"):rep(1000000))
    end
end)
