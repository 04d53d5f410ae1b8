-- A field is looked up by a function that looks up another field, until the stack is full; then again.
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
mod.on("go", function()
    local t = setmetatable({}, {__index = function(t, key) return t[key + 1] end})
    while true do
        pcall(function() return t[1] end)
    end
end)
