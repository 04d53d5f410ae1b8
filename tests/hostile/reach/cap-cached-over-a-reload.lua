-- A mod is granted a capability and keeps the function in a local, in its state, in a closure that it registers
-- and in one that it exports. Then its manifest gives the capability up.
-- What it kept runs in the new generation, which has no right: each copy is refused.
-- > dispatch = "go"
-- : ["true 1","true 2","true 3",3]
-- > write = "mods/hostile/mod.toml", text = "id = \"hostile\"\nversion = \"1.0.1\"\n[dependencies]\nbystander = \"*\"\n"
-- : reloaded hostile gen 2, full: mod.toml
-- > dispatch = "go"
-- : ["false  capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","false  capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it","false  capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it",3]
-- > call = "by_export", of = "hostile"
-- : "false  capability \"colony.jobs\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it"
-- > request = "grants"
-- : []
local cached = colony.jobs.create
mod.state.kept = cached
local function by_closure()
    return pcall(cached, "greet", 1)
end
mod.register("by_closure", by_closure)
mod.state.closure = by_closure
local function said(is_done, why)
    return tostring(is_done) .. " " .. tostring(why):sub(-112)
end
mod.export({
    by_export = function() return said(pcall(cached, "greet", 1)) end,
})
mod.on("go", function()
    return {
        said(pcall(cached, "greet", 1)),
        said(pcall(mod.state.kept, "greet", 1)),
        said(mod.state.closure()),
        #colony.jobs.list(),
    }
end)
--@ file mods/hostile/mod.toml
id = "hostile"
version = "1.0.0"
[dependencies]
bystander = "*"
[capabilities]
required = ["colony.jobs"]
