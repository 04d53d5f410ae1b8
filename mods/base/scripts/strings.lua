-- Pure functions on text. This file is a module: what it returns is what `require` gives.

local strings = {}

--- "Iron Ore" -> "iron_ore"
function strings.key(name)
    return (name:lower():gsub("[^%w]+", "_"))
end

--- 0.125 -> "12.5 %"
function strings.percent(share)
    return ("%.1f %%"):format(share * 100)
end

return strings
