-- Another mod answers with what it was given: with 3 MB at a time the mod that asks is full soon, and the one that answers is not.
-- > dispatch = "go"
-- :   error memory-limit hostile (hostile/scripts/main.lua:…): wanted more memory than its limit in a handler of `go` and was stopped
-- :     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- lua54:   error memory-limit hostile: wanted more memory than its limit in a handler of `go` and was stopped
-- lua54:     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it wanted more memory than its limit in a handler of `go` and was stopped
mod.on("go", function()
    local answers, ask = {}, mod.import("bystander").ask
    while true do
        answers[#answers + 1] = ask(("x"):rep(3000000 + #answers))
    end
end)
