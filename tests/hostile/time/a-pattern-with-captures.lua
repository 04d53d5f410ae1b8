-- 32 captures that can share 1,000 letters between them.
-- Only luau: the functions of the others that are written in C run to their end: nothing looks in between.
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
mod.on("go", function()
    ("a"):rep(1000):match(("(a*)"):rep(32) .. "b")
end)
