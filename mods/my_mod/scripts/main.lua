-- my_mod: a script that hands its state over by itself, as games without `mod.state` ask for.
--
-- Everything below is plain host functions of the colony: the old code saves a table when it is unloaded,
-- the new code asks for it when it is loaded. Such scripts run unchanged. For a new mod see `counter`: the
-- same in a few lines, and nothing to forget.

local ModState = { tick_count = 0, job_count = 0, last_reload = 0 }
local function on_tick_start(event_data)
    ModState.tick_count = ModState.tick_count + 1
end
local function on_mod_unloaded(event_data)
    ModState.last_reload = colony.time.get_current_tick()
    colony.state.save_mod_state("my_mod", ModState)
end
local function on_mod_loaded(event_data)
    local saved = colony.state.get_mod_state("my_mod")
    if saved then ModState = saved end
    colony.events.register("tick_start", on_tick_start)
    colony.events.register("mod_unloaded", on_mod_unloaded)
end
colony.events.register("mod_loaded", on_mod_loaded)
