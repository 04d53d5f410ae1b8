//! `dump`, in Lua: everything that can be reached from some values, as text that two equal worlds share.

/// A script that returns `dump(roots)`, where `roots.n` says how many there are.
///
/// Tables and functions have numbers in the order in which they are met, so the text shows what is shared.
/// Numbers from a million on are random numbers and their like: `hides_random` leaves them out.
pub(super) const DUMP: &str = r##"
local function scalar(v, hides_random)
    if type(v) ~= "number" then return type(v) .. ":" .. tostring(v) end
    if hides_random and v >= 1e6 then return "random" end
    return string.format("number:%.17g", v)
end

local function has_identity(v)
    return type(v) == "table" or type(v) == "function"
end

return function(roots, hides_random)
    local numbers, order, out = {}, {}, {}
    local function name(v)
        if not has_identity(v) then return scalar(v, hides_random) end
        if not numbers[v] then
            order[#order + 1] = v
            numbers[v] = #order
        end
        return type(v) .. "#" .. numbers[v]
    end
    for i = 1, roots.n do out[#out + 1] = name(roots[i]) end
    local at, with_objects = 1, {}
    while order[at] do
        local t = order[at]
        if type(t) == "table" then
            local keys, objects = {}, 0
            for k in next, t do
                if has_identity(k) then objects = objects + 1 else keys[#keys + 1] = k end
            end
            table.sort(keys, function(a, b) return scalar(a) < scalar(b) end)
            out[#out + 1] = "table#" .. at .. " like " .. name(getmetatable(t)) .. ", by objects " .. objects
            for _, k in ipairs(keys) do
                out[#out + 1] = "  " .. scalar(k) .. " = " .. name(rawget(t, k))
            end
            if objects > 0 then with_objects[#with_objects + 1] = t end
        end
        at = at + 1
    end
    for _, t in ipairs(with_objects) do
        for n = 1, at - 1 do
            local v = rawget(t, order[n])
            if v ~= nil then out[#out + 1] = numbers[t] .. "[" .. n .. "] = " .. name(v) end
        end
    end
    return table.concat(out, "\n")
end
"##;
