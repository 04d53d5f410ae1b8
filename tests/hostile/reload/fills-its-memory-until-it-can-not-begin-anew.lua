-- Keeps so much that its VM is full, and what it kept would fill the next one, too. It is stopped: to begin anew with
-- all of that is no way out.
-- Only luau: the others can't be stopped everywhere
-- > dispatch = "go"
-- :   error memory-limit hostile (hostile/scripts/main.lua:17): wanted more memory than its limit in a handler of `go` and was stopped
-- :     hint: look for a table or string that only grows; the limit is limits.memory in lunation.toml
-- > wait = true
-- : kept hostile gen 1, full
-- :   error state-too-large hostile: has a state that is larger than 1048576 bytes
-- :     hint: keep less in mod.state, or raise state_management.max_state_size
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 quarantined gen 0 because it wanted more memory than its limit in a handler of `go` and was stopped
mod.state.all = {}
mod.on("go", function()
    while true do
        table.insert(mod.state.all, string.rep("x", 10000) .. #mod.state.all)
    end
end)
--@ file mods/lunation.toml
[limits]
load_time = 200
handler_time = 50
memory = 8388608

