-- counter: state that survives a reload.
--
-- Top-level code always runs as if the game had just started, so it simply writes the default. When this
-- file is saved, Lunation loads the new code beside the old one and then puts back what the old code had
-- changed while it ran: `count` goes on from where it was. No `or 0`, no "is this the first time?".
--
-- Try it: while `lunation run mods` is running, change STEP to 10 and save. The count does not start again.

local STEP = 1

local state = mod.state -- filled in place after a reload, so this local stays the live table
state.count = 0

mod.on("tick_start", function()
    state.count = state.count + STEP
    if state.count % 200 == 0 then
        mod.log.info("counted to " .. state.count)
    end
end)
