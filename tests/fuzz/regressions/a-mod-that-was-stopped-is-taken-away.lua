-- A mod that was stopped is taken away: it was in the list of mods for ever.
-- > dispatch
mod.on("mod_loaded", function()
	while true do end
end)
