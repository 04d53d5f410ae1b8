-- A reload puts a value into a variable that the collector has seen already: the value was freed while in use.
-- > reload
-- > advance
local n1, n2, s1, s2 = 1, 2, "one", "two"
pcall(mod.on, "mod_loaded", function(x)
end, { priority = math.huge })
pcall(function() mod.after(3, "a", game.again) end)
pcall(mod.after, 1, "c", function()
		pcall(mod.task, "b", function(job)
		return _G end, (getmetatable(n1) or {}))
end)
pcall(function() mod.on_save(function(x) s1 = s1 .. s1 .. "x" end) end)
pcall(function() mod.on_save(function(x) s1 = s1 .. s1 .. "x" end) end)
mod.state.brain = coroutine.create(function(x)
			function f1(x, ...)
			return s1 end
end)
