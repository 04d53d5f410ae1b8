-- Functions of the standard library that can run for minutes without a point where they can be stopped.
-- What is cheap goes straight to the engine; the rest is done in steps, or in linear time by `find_bytes`.
local string, table, find_bytes = ...

local type, rawget = type, rawget
local find, match, split, sub = string.find, string.match, string.split, string.sub
local move, sort = table.move, table.sort

-- Bytes that may be compared, and values that may be moved, before there has to be a point to stop at.
local BYTES_MAX, VALUES_MAX = 4194304, 262144

local function is_costly(text, part)
	return type(text) == "string" and type(part) == "string" and #part > 1 and #text * #part > BYTES_MAX
end

function string.find(text, part, from, plain)
	if is_costly(text, part) and (plain or not match(part, "[%^%$%*%+%?%.%(%)%[%]%%%-]")) then
		local start = type(from) == "number" and from or 1
		start = start < 0 and #text + start + 1 or start
		local at = find_bytes(text, part, start < 1 and 1 or start)
		if at then
			return at, at + #part - 1
		end
		return nil
	end
	return find(text, part, from, plain)
end

if split then
	function string.split(text, separator)
		if not is_costly(text, separator) then
			return split(text, separator)
		end
		local parts, from = {}, 1
		while true do
			local at = find_bytes(text, separator, from)
			parts[#parts + 1] = sub(text, from, at and at - 1)
			if not at then
				return parts
			end
			from = at + #separator
		end
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

local function is_less(a, b)
	return a < b
end

-- Comparing strings costs as much as they have in common.
local function compares_long_strings(t)
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
	if is_before == nil and type(t) == "table" and compares_long_strings(t) then
		is_before = is_less
	end
	return sort(t, is_before)
end
