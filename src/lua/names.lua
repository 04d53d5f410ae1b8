-- What Lua itself brings along, by value: the carry refers to it by name, and never copies it.
local globals, builtins, libraries = ...

local pairs, type = pairs, type
local given = {}
for _, name in pairs(builtins) do
	if globals[name] ~= nil then
		given[globals[name]] = name
	end
end
for _, library in pairs(libraries) do
	local members = globals[library]
	if members then
		given[members] = library
		for name, member in pairs(members) do
			if type(member) == "function" or type(member) == "table" then
				given[member] = library .. "." .. name
			end
		end
	end
end
return given
