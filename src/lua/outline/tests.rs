//! What an outline says, on sources that are short enough to check by eye.

use super::*;

/// Everything that an outline of `source` says, a line for each function and each variable.
fn told(source: &str, dialect: Dialect) -> String {
    let Some(outline) = outline_as(source.as_bytes(), dialect) else {
        return "can't be read".to_owned();
    };
    let mut lines = Vec::new();
    for (_, function) in outline.functions() {
        let upvalues: Vec<&str> = function
            .upvalues
            .iter()
            .map(|id| &*outline.variable(*id).slot)
            .collect();
        lines.push(format!(
            "{}:{} ({}{}) [{}]",
            function.place,
            function.line,
            function.params,
            if function.is_vararg { "+" } else { "" },
            upvalues.join(", ")
        ));
    }
    for (_, variable) in outline.variables() {
        lines.push(format!(
            "{}:{}{}{}",
            variable.slot,
            variable.line,
            if variable.is_of_file { " of file" } else { "" },
            if variable.is_reassigned {
                " reassigned"
            } else {
                ""
            },
        ));
    }
    lines.extend(
        outline
            .returned_local()
            .map(|name| format!("returns {name}")),
    );
    lines.join("\n")
}

#[track_caller]
fn check_as(dialect: Dialect, source: &str, expected: &[&str]) {
    assert_eq!(told(source, dialect), expected.join("\n"), "{source}");
}

#[track_caller]
fn check(source: &str, expected: &[&str]) {
    for dialect in [Dialect::Luau, Dialect::Lua54, Dialect::LuaJit] {
        check_as(dialect, source, expected);
    }
}

#[test]
fn a_function_is_named_after_what_it_is_assigned_to() {
    check(
        "local Unit = {}
function Unit.step(a) end
function Unit:walk(a, ...) end
Unit.run = function() end
Unit.deep.er = function() end
local function step() end
local again = function() end
function global() end
other = function() end
local a, b = function() end, function() end
c, Unit.d = function() end, function() end
Unit[1] = function() end
return Unit",
        &[
            "Unit.step:2 (1) []",
            "Unit.walk:3 (2+) []",
            "Unit.run:4 (0) []",
            "Unit.deep.er:5 (0) []",
            "step:6 (0) []",
            "again:7 (0) []",
            "global:8 (0) []",
            "other:9 (0) []",
            "a:10 (0) []",
            "b:10 (0) []",
            "c:11 (0) []",
            "Unit.d:11 (0) []",
            "#1:12 (0) []",
            "local Unit:1 of file",
            "local step:6 of file",
            "local again:7 of file",
            "local a:10 of file",
            "local b:10 of file",
            "returns Unit",
        ],
    );
}

#[test]
fn a_function_in_a_table_is_named_after_its_keys() {
    check(
        "local on = { click = function() end, mouse = { [\"up\"] = function() end, [1] = function() end } }
M = M or { f = function() end, function() end, { g = function() end } }
return { update = function() end }",
        &[
            "on.click:1 (0) []",
            "on.mouse.up:1 (0) []",
            "on.mouse[]#1:1 (0) []",
            "M.f:2 (0) []",
            "M[]#1:2 (0) []",
            "M[].g#1:2 (0) []",
            "return.update:3 (0) []",
            "local on:1 of file",
        ],
    );
}

#[test]
fn an_argument_is_named_after_its_call() {
    check(
        "mod.on('tick', function() end)
mod.on(\"tick\", function() end)
mod.on('day', function() end)
table.sort(list, function(a, b) end)
bus:on('x', function() end):on('y', function() end)
setmetatable(Unit, { __index = function() end })
register { run = function() end }
pcall(function() end)
(function() end)()
",
        &[
            "mod.on(\"tick\")#1:1 (0) []",
            "mod.on(\"tick\")#2:2 (0) []",
            "mod.on(\"day\")#1:3 (0) []",
            "table.sort(list)#1:4 (2) []",
            "bus.on(\"x\")#1:5 (0) []",
            "#1:5 (0) []",
            "setmetatable(Unit).__index#1:6 (0) []",
            "register().run#1:7 (0) []",
            "pcall()#1:8 (0) []",
            "#2:9 (0) []",
        ],
    );
}

#[test]
fn a_nested_function_stands_below_its_encloser() {
    check(
        "local function make(n)
  local total = 0
  local function inc() total = total + n; return function() return total end end
  function M.get() return inc end
  do local total = 5; use(function() return total end) end
  return inc
end
local function make() end",
        &[
            "make:1 (1) []",
            "make > inc:3 (0) [make > local total, make > local n]",
            "make > inc > return:3 (0) [make > local total]",
            "make > M.get:4 (0) [make > local inc]",
            "make > use()#1:5 (0) [make > local total#2]",
            "make~2:8 (0) []",
            "local make:1 of file",
            "make > local n:1",
            "make > local total:2 reassigned",
            "make > local inc:3",
            "make > local total#2:5",
            "local make#2:8 of file",
        ],
    );
}

#[test]
fn what_is_in_a_loop_is_made_more_than_once() {
    check(
        "for i = 1, 3 do local x = i; f[i] = function() return x + i end end
while cond(function() end) do end
repeat local y; local g = function() y = 1 end until y
if a then local z = 1; h = function() return z end end
do local z; h = function() return z end end",
        &[
            "#1:1 (0) [loop > local x, loop > local i]",
            "cond()#1:2 (0) []",
            "g:3 (0) [loop > local y]",
            "h:4 (0) [local z]",
            "h~2:5 (0) [local z#2]",
            "loop > local i:1",
            "loop > local x:1",
            "loop > local y:3 reassigned",
            "local z:4 of file",
            "local z#2:5 of file",
        ],
    );
}

#[test]
fn every_way_to_assign_counts_as_one() {
    check(
        "local a, b, c, d, e, f = 1
a, t.x = 1, 2
function b() end
function c.x() end
d.x = 1
local e = e
e = 1",
        &[
            "b:3 (0) []",
            "c.x:4 (0) []",
            "local a:1 of file reassigned",
            "local b:1 of file reassigned",
            "local c:1 of file",
            "local d:1 of file",
            "local e:1 of file",
            "local f:1 of file",
            "local e#2:6 of file reassigned",
        ],
    );
    check_as(
        Dialect::Luau,
        "local n = 0; n += 1; local s = ''; s ..= 'x'; local q = 1; q //= 2; local t; t.x -= 1",
        &[
            "local n:1 of file reassigned",
            "local s:1 of file reassigned",
            "local q:1 of file reassigned",
            "local t:1 of file",
        ],
    );
}

#[test]
fn scopes_are_lexical() {
    check(
        "local x = 1
local x = function() return x end
local function y() return y end
local z = function() return z end
local t = { x = x, [x] = function() return x.x, x['x'], t end }
local function p(x) return function() return x end end
for x in x do f = function() return x end end",
        &[
            "x:2 (0) [local x]",
            "y:3 (0) [local y]",
            "z:4 (0) []",
            "t[]#1:5 (0) [local x#2]",
            "p:6 (1) []",
            "p > return:6 (0) [p > local x]",
            "f:7 (0) [loop > local x]",
            "local x:1 of file",
            "local x#2:2 of file",
            "local y:3 of file",
            "local z:4 of file",
            "local t:5 of file",
            "local p:6 of file",
            "p > local x:6",
            "loop > local x:7",
        ],
    );
}

#[test]
fn only_a_plain_local_is_returned() {
    for (source, name) in [
        ("local M = {} return M", Some("M")),
        ("local M = {} return M;", Some("M")),
        ("local M = {} return (M)", None),
        ("local M = {} return M.x", None),
        ("local M = {} return M, 1", None),
        ("return M", None),
        ("local M = {} do return M end", None),
        ("local M = {} function f() return M end", None),
    ] {
        let outline = outline(source.as_bytes()).unwrap();
        assert_eq!(outline.returned_local(), name, "{source}");
    }
}

#[test]
fn tokens_of_all_flavours_are_understood() {
    check(
        "#!/usr/bin/lua
local a = [[ function ]] .. [==[ ]] ]=] ]==] -- function
--[[ function
]] local b = 'fun\\'ction' --[==[ x
]==] local c = \"\\z
   x\\
y\"
local d = { 0x1F, 0xA.8p+1, 1e-5, .5, 3., 1 .. 2, 5 // 2; }
f = function() return a, b, c, d end",
        &[
            "f:9 (0) [local a, local b, local c, local d]",
            "local a:2 of file",
            "local b:4 of file",
            "local c:5 of file",
            "local d:8 of file",
        ],
    );
}

#[test]
fn luau_has_types_interpolation_attributes_and_contextual_words() {
    check_as(
        Dialect::Luau,
        "--!strict
type Point = { x: number, y: number } | typeof(a(function() end)) & (A, ...B) -> (C, D...)
export type Map<K, V... = ()> = { [K]: Array<Array<V>>, read f: <T>(T) -> T? }
type function Id(t) local u = t; return function() return u end end
const N: number, S: string? = 1, `a{N}b`
local v: Map<string, (number) -> ()> = (x :: any) :: Map<string, Array<number>>
@native local function f<T>(a: T, ...: number): (number, ...string) return a end
@[native]
function g(self: Point): nil | string return `{f(v)} and {({ n = `{N}` }).n} \\{ \\u{48}`  end
local h = @native function(): typeof(v) return if v then function() return S end elseif N then 1 else 2 end
for i: number, k: string in v do if i then continue end; local continue = 1; continue = 2 end
local type, goto = 1, 2; type = goto
f<<number>>(1):m<<string, (A, B)>>(function() return type end)",
        &[
            "f:7 (1+) []",
            "g:8 (1) [local f, local v, local N]",
            "h:10 (0) [local v, local S, local N]",
            "h > return:10 (0) [local S]",
            "#1:13 (0) [local type]",
            "local N:5 of file",
            "local S:5 of file",
            "local v:6 of file",
            "local f:7 of file",
            "local h:10 of file",
            "local type:12 of file reassigned",
            "local goto:12 of file",
        ],
    );
}

#[test]
fn lua_54_has_labels_attributes_and_bit_operators() {
    check_as(
        Dialect::Lua54,
        "local a <const>, b <close> = 1, nil
local f
function f() return a & 1 | ~b ~ 2 << 3 >> 4 end
local function
g
() goto done; do ::x:: end ::done:: return a end
::top:: local again = function() return again, a::here:: end goto top",
        &[
            "f:3 (0) [local a, local b]",
            "g:6 (0) [local a]",
            "again:7 (0) [local a]",
            "local a:1 of file",
            "local b:1 of file",
            "local f:2 of file reassigned",
            "local g:5 of file",
        ],
    );
    check_as(Dialect::Lua54, "local _ENV = {}", &["can't be read"]);
    check_as(
        Dialect::LuaJit,
        "local n = 1LL + 0x1fULL + 2i goto x ::x::",
        &["local n:1 of file"],
    );
}

#[test]
fn a_function_of_which_little_is_known_is_found_if_only_one_fits() {
    let source = "on(function() return a end) on(function(x) return b end)
local a, b; on(function() return a end, function() return b end)
on(function() end, function() end)";
    let outline = outline_as(source.as_bytes(), Dialect::LuaJit).unwrap();
    let find = |line, upvalues: &[&str], params| {
        let id = outline.find(&Described {
            line,
            arity: Some((params, false)),
            upvalues: upvalues.iter().map(|name| (*name).to_owned()).collect(),
            ..Described::default()
        });
        id.map(|id| &*outline.function(id).place)
    };
    assert_eq!(find(1, &[], 1), Some("on()#2"));
    assert_eq!(find(2, &["b"], 0), Some("on()#4"));
    assert_eq!(find(2, &["c"], 0), None);
    assert_eq!(find(3, &[], 0), None);
    assert_eq!(find(9, &[], 0), None);
    assert_eq!(
        outline
            .by_place("on()#4")
            .map(|id| outline.function(id).line),
        Some(2)
    );
}
