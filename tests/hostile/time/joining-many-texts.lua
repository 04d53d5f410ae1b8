-- 20,000 texts are joined, over and over.
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
mod.on("go", function()
    local t = {}
    for i = 1, 20000 do
        t[i] = "ab"
    end
    while true do
        table.concat(t, ",")
    end
end)
