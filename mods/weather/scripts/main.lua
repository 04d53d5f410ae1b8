-- weather: timers, and events for other mods.
--
-- mod.every(ticks, name, fn) calls fn again and again. The name is what a reload goes by: the timer keeps
-- the time that was left, runs the new function, and never runs twice.
-- mod.emit(name, payload) sends the event `weather:<name>`. Nobody has to listen, and this mod need not
-- know who does.

local SEASONS = { "spring", "summer", "autumn", "winter" }

local state = mod.state
state.season = mod.config.first_season

local function index_of(season)
    for i, name in ipairs(SEASONS) do
        if name == season then
            return i
        end
    end
    return 1
end

local function turn()
    state.season = SEASONS[index_of(state.season) % #SEASONS + 1]
    mod.emit("season", { season = state.season })
    mod.log.info("it is " .. state.season)
end

mod.every(mod.config.season_length, "season", turn)

-- Whoever loads later missed the last event and can ask instead.
mod.export({
    season = function()
        return state.season
    end,
})
