-- Functions of the standard library that can run for long without a point where they can be stopped.
-- What is cheap goes straight to the engine; the rest is done in steps, or in linear time by `find_bytes`.
local globals, find_bytes = ...

local string, table, utf8 = globals.string, globals.table, globals.utf8

local error, next, rawget, select, type = error, next, rawget, select, type
local byte, find, match, gmatch, gsub, sub =
	string.byte, string.find, string.match, string.gmatch, string.gsub, string.sub
local concat, move, sort = table.concat, table.move, table.sort

-- Bytes that may be compared, and values that may be moved, before there has to be a point to stop at.
local BYTES_MAX, VALUES_MAX = 4194304, 32768

-- Bytes of a text that may be gone through, and values that the engine may sort, at once.
local TEXT_MAX, SORTED_MAX = 1048576, 65536

-- Characters of a set that may be compared with all of a text: each repetition of a set is one step.
local SET_MAX = 16777216

-- The longest format of string.pack and its kin, in bytes.
local FORMAT_MAX = 65536

local function is_costly(text, part)
	return type(text) == "string" and type(part) == "string" and #part > 1 and #text * #part > BYTES_MAX
end

-- The length of the longest set in a pattern, read as the engine reads it.
local function longest_set(pattern)
	local at, longest = 1, 0
	while at <= #pattern do
		local c = byte(pattern, at)
		if c == 37 then -- %
			at = at + (byte(pattern, at + 1) == 98 and 4 or 2)
		elseif c == 91 then -- [
			local open = at
			at = at + (byte(pattern, at + 1) == 94 and 2 or 1)
			repeat
				at = at + (byte(pattern, at) == 37 and 2 or 1)
			until at > #pattern or byte(pattern, at) == 93
			longest = at - open > longest and at - open or longest
		else
			at = at + 1
		end
	end
	return longest
end

local function check_pattern(who, text, pattern)
	if #text * #pattern > SET_MAX then
		local set = longest_set(pattern)
		if set * #text > SET_MAX then
			error("string." .. who .. ": a set of " .. set .. " characters is too long for a text of "
				.. #text .. " bytes; search it in pieces", 3)
		end
	end
end

function string.find(text, part, from, plain)
	if type(text) == "string" and type(part) == "string" and #text * #part > BYTES_MAX and #part > 1 then
		if plain or not match(part, "[%^%$%*%+%?%.%(%)%[%]%%%-]") then
			local start = type(from) == "number" and from or 1
			start = start < 0 and #text + start + 1 or start
			local at = find_bytes(text, part, start < 1 and 1 or start)
			if at then
				return at, at + #part - 1
			end
			return nil
		end
		check_pattern("find", text, part)
	end
	return find(text, part, from, plain)
end

function string.match(text, pattern, from)
	if type(text) == "string" and type(pattern) == "string" and #text * #pattern > BYTES_MAX then
		check_pattern("match", text, pattern)
	end
	return match(text, pattern, from)
end

function string.gmatch(text, pattern)
	if type(text) == "string" and type(pattern) == "string" and #text * #pattern > BYTES_MAX then
		check_pattern("gmatch", text, pattern)
	end
	return gmatch(text, pattern)
end

function string.gsub(text, pattern, ...)
	if type(text) == "string" and type(pattern) == "string" and #text * #pattern > BYTES_MAX then
		check_pattern("gsub", text, pattern)
	end
	return gsub(text, pattern, ...)
end

if string.split then
	local split = string.split

	function string.split(text, separator)
		local is_long = type(text) == "string" and #text > BYTES_MAX / 64
		if not is_long and not is_costly(text, separator) then
			return split(text, separator)
		end
		separator = separator or ","
		local parts, from = {}, 1
		if separator == "" then
			for at = 1, #text do
				parts[at] = sub(text, at, at)
			end
			return parts
		end
		while true do
			local at = string.find(text, separator, from, true)
			parts[#parts + 1] = sub(text, from, at and at - 1)
			if not at then
				return parts
			end
			from = at + #separator
		end
	end
end

for _, name in next, { "upper", "lower", "reverse" } do
	local change = string[name]

	string[name] = function(text)
		if type(text) ~= "string" or #text <= TEXT_MAX then
			return change(text)
		end
		local pieces = {}
		for from = 1, #text, TEXT_MAX do
			pieces[#pieces + 1] = change(sub(text, from, from + TEXT_MAX - 1))
		end
		if name == "reverse" then
			for i = 1, #pieces / 2 do
				local j = #pieces + 1 - i
				pieces[i], pieces[j] = pieces[j], pieces[i]
			end
		end
		return concat(pieces)
	end
end

-- A format takes as long as it is, and a field `c1000000` as long as it says.
for _, name in next, { "pack", "packsize", "unpack" } do
	local pack = string[name]

	string[name] = pack and function(format, ...)
		if type(format) == "string" and (#format > FORMAT_MAX or find(format, "%d%d%d%d%d%d%d")) then
			error("string." .. name .. ": the format is too long; use several", 2)
		end
		return pack(format, ...)
	end
end

if utf8 then
	local len, offset = utf8.len, utf8.offset

	function utf8.len(text, from, to, ...)
		if type(text) ~= "string" or #text <= TEXT_MAX then
			return len(text, from, to, ...)
		end
		from, to = from or 1, to or #text
		from, to = from < 0 and #text + from + 1 or from, to < 0 and #text + to + 1 or to
		local count = 0
		while to - from >= TEXT_MAX do
			local until_ = from + TEXT_MAX - 1
			local more, bad = len(text, from, until_, ...)
			if not more then
				return more, bad
			end
			count, from = count + more, until_ + 1
			local c = byte(text, from)
			while c and c >= 128 and c < 192 do -- what is left of the last character
				from = from + 1
				c = byte(text, from)
			end
		end
		local more, bad = len(text, from, to, ...)
		if not more then
			return more, bad
		end
		return count + more
	end

	function utf8.offset(text, n, from)
		if type(text) == "string" and type(n) == "number" and #text > TEXT_MAX then
			while from ~= false and n > TEXT_MAX do
				from, n = offset(text, TEXT_MAX + 1, from) or false, n - TEXT_MAX
			end
			while from ~= false and n < -TEXT_MAX do
				from, n = offset(text, -TEXT_MAX, from) or false, n + TEXT_MAX
			end
			if from == false then
				return nil
			end
		end
		return offset(text, n, from)
	end
end

if move then
	function table.move(source, first, last, to, target)
		local is_long = type(first) == "number"
			and type(last) == "number"
			and type(to) == "number"
			and last - first >= VALUES_MAX
		if not is_long then
			return move(source, first, last, to, target)
		end
		target = target or source
		if to > last or to <= first or target ~= source then
			for from = first, last, VALUES_MAX do
				local until_ = from + VALUES_MAX - 1
				move(source, from, until_ < last and until_ or last, to + (from - first), target)
			end
		else
			for until_ = last, first, -VALUES_MAX do
				local from = until_ - VALUES_MAX + 1
				from = from > first and from or first
				move(source, from, until_, to + (from - first), target)
			end
		end
		return target
	end
end

-- The function may be one of the engine's, in which nothing can be stopped: so the loop is ours.
if table.foreach then
	function table.foreach(t, f)
		for key, value in next, t do
			local result = f(key, value)
			if result ~= nil then
				return result
			end
		end
	end

	function table.foreachi(t, f)
		for i = 1, #t do
			local result = f(i, rawget(t, i))
			if result ~= nil then
				return result
			end
		end
	end
end

local function is_less(a, b)
	return a < b
end

-- Comparing strings costs as much as they have in common. Where the first value is a number, so are all that are
-- compared: the first that is not ends the sort.
local function compares_long_strings(t)
	if type(rawget(t, 1)) == "number" then
		return false
	end
	local longest, count = 0, #t
	for i = 1, count do
		local value = rawget(t, i)
		if type(value) == "string" and #value > longest then
			longest = #value
		end
	end
	local depth, n = 1, count
	while n > 1 do
		depth, n = depth + 1, n / 2
	end
	return longest * count * depth > 16 * BYTES_MAX
end

function table.sort(t, is_before)
	if type(t) == "table" then
		if is_before == nil and (#t > SORTED_MAX or compares_long_strings(t)) then
			is_before = is_less
		elseif #t > SORTED_MAX / 2 and type(is_before) == "function" then
			local compare = is_before
			is_before = function(a, b) -- the engine's own functions have no point to stop at
				return compare(a, b)
			end
		end
	end
	return sort(t, is_before)
end

-- Nothing can stop a finaliser: the engine calls no hook in it, and runs it when a VM is closed, too.
if globals._VERSION == "Lua 5.4" then
	local getmetatable, pcall, setmetatable = globals.getmetatable, globals.pcall, globals.setmetatable

	-- Raises at the line of the mod: this is called last of all, so the wrapper's own frame is gone.
	local function raising(ok, ...)
		if ok then
			return ...
		end
		error((...), 2)
	end

	function globals.setmetatable(t, metatable)
		if type(metatable) == "table" and rawget(metatable, "__gc") ~= nil then
			error("setmetatable: there are no finalisers (__gc); clean up in a handler of mod_unloaded", 2)
		end
		if type(t) == "table" and getmetatable(t) ~= nil then
			return raising(pcall(setmetatable, t, metatable)) -- it may be protected
		end
		return setmetatable(t, metatable)
	end
end

-- The handler runs once the error has left the function. The engines run it before that: within a hook, where no hook
-- can stop it, or in a call that no yield leaves. A mod has no `debug`, so it can't tell.
local pcall = globals.pcall

local function finish(handler, ok, ...)
	if ok then
		return true, ...
	end
	return false, select(2, pcall(handler, ...))
end

function globals.xpcall(f, handler, ...)
	return finish(handler, pcall(f, ...))
end
