-- Memory ends, and the handler of xpcall wants even more.
-- > dispatch = "go"
-- :   error memory-limit hostile (hostile/scripts/main.lua:…): wanted more memory than its limit in a handler of `go` and was stopped
-- :     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- lua54:   error memory-limit hostile: wanted more memory than its limit in a handler of `go` and was stopped
-- lua54:     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it wanted more memory than its limit in a handler of `go` and was stopped
mod.on("go", function()
    local all = {}
    local function fill()
        while true do
            all[#all + 1] = ("x"):rep(1000) .. #all
        end
    end
    xpcall(fill, fill)
    fill()
end)
