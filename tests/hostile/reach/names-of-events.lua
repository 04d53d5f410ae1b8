-- Emits events whose names are those of the game and of others, and names that are no text.
-- An event of a mod always has the mod's id before it, so nobody takes it for the game's.
-- > eval = "for _, n in ipairs({'tick_start', 'mod_loaded', 'bystander:open', 'hostile:tick_start', 'hostile:'}) do mod.on(n, function() print('heard ' .. n) end) end", of = "bystander"
-- > dispatch = "go"
-- : ["sent","sent","mod.emit: \"bystander:open\" has a colon; the event is sent as \"hostile:name\" by itself","mod.emit: \"hostile:tick_start\" has a colon; the event is sent as \"hostile:name\" by itself","mod.emit: \":x\" has a colon; the event is sent as \"hostile:name\" by itself","mod.emit: the name of an event must have 1 to 128 bytes","mod.emit: the name of an event must be UTF-8","mod.emit: the name of an event must have 1 to 128 bytes","mod.emit: the name of an event must have no control characters","mod.emit: the name of an event must have no control characters","mod.emit: argument 1 must be the name of an event, not number","mod.emit: argument 1 must be the name of an event, not boolean","mod.emit: argument 1 must be the name of an event, not table","mod.emit: argument 1 must be the name of an event, not function"]
-- > log = true
-- : info bystander: heard hostile:tick_start (eval:1)
mod.on("go", function()
    local words = {}
    for _, name in ipairs({ "tick_start", "mod_loaded", "bystander:open", "hostile:tick_start", ":x", "", "\255", ("x"):rep(129), "a\0b", "two\nlines" }) do
        local ok, why = pcall(mod.emit, name, { id = "bystander" })
        words[#words + 1] = ok and "sent" or why
    end
    for _, odd in ipairs({ 1, true, {}, print }) do
        local _, why = pcall(mod.emit, odd)
        words[#words + 1] = why
    end
    return words
end)
