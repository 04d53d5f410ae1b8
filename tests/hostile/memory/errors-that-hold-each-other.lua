-- Errors that are tables, each holding the one before, without end.
-- > dispatch = "go"
-- :   error memory-limit hostile (hostile/scripts/main.lua:…): wanted more memory than its limit in a handler of `go` and was stopped
-- :     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- lua54:   error memory-limit hostile: wanted more memory than its limit in a handler of `go` and was stopped
-- lua54:     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it wanted more memory than its limit in a handler of `go` and was stopped
mod.on("go", function()
    local last
    while true do
        local _, caught = pcall(error, {last})
        last = caught
    end
end)
--@ file mods/lunation.toml
# Time enough: how fast the machine is must not decide which limit is met.
[limits]
load_time = 200
handler_time = 5000
memory = 8388608

[hot_reload.quarantine]
strikes = 1
