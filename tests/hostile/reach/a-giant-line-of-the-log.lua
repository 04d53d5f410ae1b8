-- Logs a line of two megabytes. It is cut at 4 KiB.
-- > dispatch = "go"
-- > log = true
-- : info hostile: xxxxxxxx… (hostile/scripts/main.lua:…)
-- : info hostile: after it (hostile/scripts/main.lua:…)
-- > eval = "1 + 1"
-- : 2
mod.on("go", function()
    print(("x"):rep(2000000))
    print("after it")
end)
