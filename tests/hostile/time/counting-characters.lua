-- The characters of a text of 3 MB are counted, over and over, from both ends.
-- Only luau, lua54: LuaJIT has no utf8.
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
mod.on("go", function()
    local text = ("ab"):rep(1500000)
    while true do
        utf8.len(text)
        utf8.offset(text, 2900000)
        utf8.offset(text, -2900000)
    end
end)
