-- New code behaves until nobody watches, then it makes errors, and then it hangs. Errors are told; a broken limit
-- begins it anew, and does not bring the code from before back.
-- Only luau: the others can't be stopped everywhere
-- > next
-- : reloaded hostile gen 2, script: scripts/main.lua
-- :   added: state.gone, state.new
-- > dispatch = "go"
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:6): raised an error in a handler of `go`: now
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:6): raised an error in a handler of `go`: now
-- :     hint: correct this line and save: a save is live at once
-- > dispatch = "go"
-- :   error lua-error hostile (hostile/scripts/main.lua:6): raised an error in a handler of `go`: now
-- :     hint: correct this line and save: a save is live at once
-- > wait = true
-- : nothing
-- > dispatch = "hang"
-- :   error time-limit hostile (hostile/scripts/main.lua:10): ran longer than its limit of 50 ms in a handler of `hang` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > wait = true
-- : restarted hostile gen 3, full
-- :   warning restarted hostile: broke a limit and began anew with its state: strike 1 of 3 within 60 s
-- :     hint: strike 3 stops it until it is mended
-- :   error time-limit hostile (hostile/scripts/main.lua:10): ran longer than its limit of 50 ms in a handler of `hang` and was stopped
-- :     hint: do less at once: spread the work over ticks with mod.every, or look for an endless loop
-- > eval = "return mod.state.new"
-- : true
-- > list = true
-- : bystander 1.0.0 active gen 1
-- : hostile 1.0.0 active gen 3
mod.on("go", function() return "old" end)
--@ next
mod.state.new = true
mod.state.gone = 0
mod.on("go", function()
    mod.state.gone = mod.state.gone + 1
    if mod.state.gone > 1 then
        error("now")
    end
end)
mod.on("hang", function()
    while true do end
end)
--@ file mods/lunation.toml
[limits]
load_time = 200
handler_time = 50
memory = 8388608

[hot_reload.probation]
dispatches = 2
max_errors = 1
