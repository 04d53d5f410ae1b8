-- A text of 1 MB is searched for half of it with another end: at each place it almost fits.
-- > dispatch = "go"
-- :   error time-limit hostile (hostile/scripts/main.lua:…): ran longer than its limit of 50 ms in a handler of `go` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it ran longer than its limit of 50 ms in a handler of `go` and was stopped
mod.on("go", function()
    local text, part = ("a"):rep(1000000), ("a"):rep(500000) .. "b"
    while true do
        text:find(part, 1, true)
    end
end)
