-- hello: printing, and calling functions of the game.
--
-- `colony` belongs to the game that embeds Lunation, here the built-in one. Functions that change the game
-- can't be called while this file loads: a load may still fail, and a failed load must leave no trace.
-- The event `mod_loaded` comes first after a successful load; effects belong there.

local GREETING = "Hello, colony"

mod.on("mod_loaded", function(event)
    print(GREETING .. "! It is tick " .. colony.time.get_current_tick())
    if event.reason == "start" then
        colony.jobs.create("greet", 1) -- once, not at each reload
    end
end)

mod.on("job_done", function(event)
    if event.job.kind == "greet" then
        print("Somebody said hello")
    end
end)
