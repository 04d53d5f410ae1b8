-- The Lua side of one VM: the environment that a mod sees, built around the functions that Rust gives.
-- It runs on every flavour. `native` functions answer `true, results…` or `false, message`; the wrappers
-- here raise the message at the line of the mod that called.
local native, builtins, libraries, about = ...

local error, pairs, pcall, rawequal, rawget, rawset, select, setmetatable, tostring, type =
	error, pairs, pcall, rawequal, rawget, rawset, select, setmetatable, tostring, type
local concat, match = table.concat, string.match
local freeze = table.freeze or function(t)
	return t
end

-- Where tail calls are real, the wrapper's own frame is gone when `check` raises.
local level = about.tail_calls and 2 or 3

local function check(ok, ...)
	if ok then
		return ...
	end
	error((...), level)
end

local function raising(f)
	return function(...)
		return check(f(...))
	end
end

-- What is not the mod's own, by value: the carry refers to it by name.
local given = about.given

-- What a mod can reach: an allow-list, never "everything but".
local env = about.env
for _, name in pairs(builtins) do
	env[name] = about.globals[name]
end
for library, members in pairs(libraries) do
	local source = about.globals[library]
	if source and about.read_only then
		env[library] = source
	elseif source then
		local copy = {}
		for _, member in pairs(members) do
			copy[member] = source[member]
		end
		env[library] = freeze(copy)
		-- The copy has the name, alone: two values of one name would come back as either.
		given[source], given[copy] = nil, library
	end
end
if not about.read_only then
	-- The methods of strings are those that a mod can reach, and nobody gets behind them.
	local strings = about.globals.getmetatable("")
	strings.__index, strings.__metatable = env.string, "string"
	-- These engines call the handler while the error is on its way, where no hook can stop it. A mod has no
	-- `debug`, so it can't tell that it is called afterwards.
	local function handled(handler, ok, ...)
		if ok then
			return true, ...
		end
		local _, told = pcall(handler, ...)
		return false, told
	end
	env.xpcall = function(f, handler, ...)
		return handled(handler, pcall(f, ...))
	end
	given[env.xpcall] = "xpcall"
end
env._G = env
env._VERSION = about.version

-- Modules. `loaded` is open to the mod: it is read and written raw. `stack` has those that are loading, and `asked`
-- where each of them was required.
local loaded, loading, stack, asked = {}, {}, {}, {}

local function begin(key, from)
	loading[key] = true
	stack[#stack + 1] = key
	asked[#stack] = from
end

local function finish(key, result)
	loading[key] = nil
	asked[#stack] = nil
	stack[#stack] = nil
	if result ~= nil then
		rawset(loaded, key, result)
	elseif rawget(loaded, key) == nil then
		rawset(loaded, key, true)
	end
end

-- A longer circle is shown by its beginning and its end.
local CIRCLE_SHOWN = 24

-- The places that lead from the file of `key` back to it, each the require of the next file.
local function circle(key, file, from)
	local start = #stack
	while start > 1 and stack[start] ~= key do
		start = start - 1
	end
	local count = #stack - start + 1
	local parts = {}
	for step = 1, count do
		local at = start + step
		if count <= CIRCLE_SHOWN or step <= CIRCLE_SHOWN / 2 or step > count - CIRCLE_SHOWN / 2 then
			parts[#parts + 1] = at > #stack and from or asked[at]
		elseif parts[#parts] ~= "…" then
			parts[#parts + 1] = "…"
		end
	end
	parts[#parts + 1] = file
	return concat(parts, " → ")
end

local function require(name)
	local ok, key, file, from = native.resolve(name, stack[#stack])
	if not ok then
		error(key, 2)
	end
	local value = rawget(loaded, key)
	if value ~= nil and (not loading[key] or type(value) == "table") then
		return value
	end
	if loading[key] then
		local last = 'require("' .. name .. '") at ' .. from
		error("require forms a circle: " .. circle(key, file, from) .. "; without " .. last .. " there is none", 2)
	end
	local loads, chunk = native.load(key, env)
	if not loads then
		error(chunk, 2)
	end
	begin(key, from)
	local ran, result = pcall(chunk, key)
	finish(key, result)
	if not ran then
		rawset(loaded, key, nil)
		error(result, 0)
	end
	return rawget(loaded, key)
end

env.require = require
env.package = freeze({ loaded = loaded })

-- The entry script is a module, too.
local function entry(chunk, key)
	return function()
		begin(key)
		finish(key, (chunk(key)))
	end
end

-- Log.
local function text_of(...)
	local parts = {}
	for i = 1, select("#", ...) do
		parts[i] = tostring((select(i, ...)))
	end
	return concat(parts, "\t")
end

local function logging(severity)
	return function(...)
		check(native.log(severity, text_of(...)))
	end
end

env.print = logging("info")

-- `mod.import`: proxies that look the function up at each call, so they survive reloads of either side.
local proxies = {}

local function proxy_of(id)
	local functions = {}
	return setmetatable({}, {
		__metatable = "import of " .. id,
		-- Of `functions` alone it answers by itself, so here the mod is one level further away.
		__index = native.indexing(functions, function(_, name)
			local ok, is_there = native.member(id, name)
			if not ok then
				error(is_there, 3)
			end
			if not is_there then
				return nil
			end
			local f = functions[name]
			if not f then
				local is_bound
				is_bound, f = native.bind(id, name)
				if not is_bound then
					error(f, 3)
				end
				functions[name] = f
				given[f] = "mod.import(" .. id .. ")." .. name
			end
			return f
		end),
		__newindex = function()
			error("what mod.import gives can't be changed; ask " .. id .. " to export a function for it", 2)
		end,
	})
end

local function import(id)
	local ok, is_present = native.import(id)
	if not ok then
		error(is_present, 2)
	end
	if not is_present then
		return nil
	end
	if not proxies[id] then
		proxies[id] = proxy_of(id)
		given[proxies[id]] = "mod.import(" .. id .. ")"
	end
	return proxies[id]
end

-- Assets.
local assets = {}
local Asset = { __metatable = "asset" }
Asset.__index = {
	read = function(self)
		if type(self) ~= "table" then
			error("read: call it with a colon, `asset:read()`", 2)
		end
		local ok, content = native.read_asset(self.path)
		if not ok then
			error(content, 2)
		end
		return content
	end,
}

local function asset(path)
	local ok, version, size = native.asset(path)
	if not ok then
		error(version, 2)
	end
	if version == nil then
		return nil
	end
	local handle = assets[path]
	if not handle then
		handle = setmetatable({ path = path }, Asset)
		assets[path] = handle
		given[handle] = "mod.asset(" .. path .. ")"
	end
	handle.path, handle.version, handle.size = path, version, size
	return handle
end

-- What is behind `mod`. The VM is made before it is known for which mod: Rust fills in `id`, `version`,
-- `generation` and `state` when it is.
local api

-- Config: a table that mods read and only the host writes.
local values = {}
local config = values
if not about.read_only then
	config = setmetatable({}, {
		__index = values,
		__newindex = function(_, key)
			error("mod.config." .. tostring(key) .. " is read-only; the player sets it in config/" .. api.id .. ".toml", 2)
		end,
		__pairs = function()
			return pairs(values)
		end,
		__metatable = "config",
	})
end

-- Tasks, by name: the function of a step, and the data that it gets. Timers and tasks share their names.
local tasks = {}

local function runner_of(name)
	return function()
		local running = tasks[name]
		if running then
			return running.call(running.data)
		end
		return true
	end
end

local function task(name, step, data)
	local ok, goes_on = native.task(name, step, data, runner_of(name))
	if not ok then
		error(goes_on, 2)
	end
	if goes_on and tasks[name] then
		data = tasks[name].data
	end
	tasks[name] = { call = step, data = data or {} }
end

local function setting(set)
	return function(ticks, name, f)
		local ok, message = set(ticks, name, f)
		if not ok then
			error(message, 2)
		end
		tasks[name] = nil
	end
end

local function cancel(name)
	local ok, was_there = native.cancel(name)
	if not ok then
		error(was_there, 2)
	end
	tasks[name] = nil
	return was_there
end

local names = {}
api = {
	config = config,
	on = raising(native.on),
	off = raising(native.off),
	emit = raising(native.emit),
	after = setting(native.after),
	every = setting(native.every),
	task = task,
	cancel = cancel,
	export = raising(native.export),
	import = import,
	asset = asset,
	log = freeze({
		debug = logging("debug"),
		info = logging("info"),
		warn = logging("warn"),
		error = logging("error"),
	}),
	register = function(name, value)
		local kind = type(value)
		if type(name) ~= "string" or (kind ~= "function" and kind ~= "table") then
			error("mod.register takes a name and a function or metatable, not " .. type(name) .. " and " .. kind, 2)
		end
		local ok, message = native.register(name)
		if not ok then
			error(message, 2)
		end
		if names[name] ~= nil and not rawequal(names[name], value) then
			error("mod.register: `" .. name .. "` already names something else", 2)
		end
		names[name] = value
	end,
}
for _, hook in pairs(about.hooks) do
	local register = native.hook
	api[hook] = function(f)
		local ok, message = register(hook, f)
		if not ok then
			error(message, 2)
		end
	end
end

local face = {
	__index = api,
	__newindex = function(_, key, value)
		if key ~= "state" then
			error("mod." .. tostring(key) .. " can't be assigned; keep data in mod.state", 2)
		end
		if type(value) ~= "table" then
			error("mod.state must be a table, not " .. type(value), 2)
		end
		api.state = value
	end,
}
env.mod = freeze(setmetatable({}, face))
face.__metatable = "mod" -- after the freeze, which refuses protected metatables

-- What the host offers: tables of functions, of the names of functions of `mod`, and of such tables. `path` is
-- what stands before the name of a member.
local function place(at, members, path)
	for name, member in pairs(members) do
		local kind = type(member)
		if kind == "table" then
			at[name] = place(at[name] or {}, member, path .. name .. ".")
		elseif kind == "string" then
			at[name] = api[member]
		else
			local function_of_host = raising(member)
			given[function_of_host] = path .. name
			at[name] = function_of_host
		end
	end
	return at
end
place(env, native.host, "")

-- Kinds of host objects. An object is a userdata: `object:name()` calls the function `kind:name` of the host.
for kind, methods in pairs(native.objects) do
	local members = place({}, methods, kind .. ":")
	local face = freeze({
		__index = freeze(members),
		__newindex = function(_, key)
			error("a " .. kind .. " is the game's: `" .. tostring(key) .. "` can't be assigned; keep what you know of it in a table, with the object as the key", 2)
		end,
		__tostring = raising(native.describe),
		__metatable = kind,
		__type = kind,
	})
	about.kinds[kind], about.kinds[face] = face, kind
end

for _, namespace in pairs(native.namespaces) do
	local function seal(t, path)
		for name, member in pairs(t) do
			if type(member) == "table" then
				seal(member, path .. "." .. name)
			end
		end
		given[t] = path
		freeze(t)
	end
	if env[namespace] then
		seal(env[namespace], namespace)
	end
end

-- What the carry asks. Names first: everything that was there before any code of the mod ran.
given[env.mod], given[env._G], given[config] = "mod", "_G", "mod.config"
given[env.package], given[loaded] = "package", "package.loaded"
given[require], given[env.print] = "require", "print"
for name, member in pairs(api) do
	if type(member) == "function" then
		given[member] = "mod." .. name
	end
end
given[api.log] = "mod.log"
for name, member in pairs(api.log) do
	given[member] = "mod.log." .. name
end

local before = {}
for name, value in pairs(env) do
	before[name] = value
end

local carry = {
	given = given,
	before = before,
	loaded = loaded,
	entry = entry,
	tasks = tasks,
	runner_of = runner_of,
	-- Modules by their keys, as a function without arguments that loads those that are there.
	load = function(keys)
		return function()
			for _, key in pairs(keys) do
				if native.resolve(key) then
					require(key)
				end
			end
		end
	end,
	-- What a name stands for that nothing has been given yet.
	find = function(name)
		local id, member = match(name, "^mod%.import%(([^)]*)%)%.?(.*)$")
		if id then
			local is_there, proxy = pcall(import, id)
			if is_there and proxy and member ~= "" then
				return proxy[member]
			end
			return is_there and proxy or nil
		end
		local path = match(name, "^mod%.asset%((.*)%)$")
		return path and asset(path)
	end,
}

return api, values, assets, names, carry
