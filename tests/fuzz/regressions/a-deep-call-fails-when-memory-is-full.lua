-- A call fails deep down when there is hardly any memory: giving back its stack takes memory, too. It ended the game.
	local function r(x)
		pcall(function() mod.every(3, "units", coroutine.wrap(next)) end)
	return r(x) end pcall(r, 1)
		table.insert(string, f1)
