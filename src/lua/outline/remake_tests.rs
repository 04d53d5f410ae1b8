//! The texts of remade functions, and what can't be remade.

use super::*;

/// The chunk for the function at `place`; `boxed` are the slots of its boxed variables.
fn remade(
    dialect: Dialect,
    source: &str,
    place: &str,
    upvalues: &[&str],
    boxed: &[&str],
) -> String {
    let outline = outline_as(source.as_bytes(), dialect).expect("the source is valid");
    let id = outline.by_place(place).expect("the place is there");
    let is_boxed = |variable: VariableId| boxed.contains(&&*outline.variable(variable).slot);
    match outline.remake(source.as_bytes(), id, upvalues, &is_boxed) {
        Some(chunk) => String::from_utf8(chunk).expect("the source is text"),
        None => "can't be remade".to_owned(),
    }
}

#[track_caller]
fn check(source: &str, place: &str, upvalues: &[&str], boxed: &[&str], expected: &str) {
    for dialect in [Dialect::Luau, Dialect::Lua54, Dialect::LuaJit] {
        assert_eq!(remade(dialect, source, place, upvalues, boxed), expected);
    }
}

#[test]
fn a_function_is_made_on_its_own_lines_from_its_upvalues() {
    check(
        "local n, m = f()\n\nreturn function(x)\n  return n + m + x end",
        "return",
        &["m", "n"],
        &[],
        "\n\nlocal m,n = ... return  function (x)\n  return n + m + x end",
    );
}

#[test]
fn a_declared_function_keeps_its_name_and_a_method_its_self() {
    check(
        "local U = f()\nfunction U.a.step(x) return U end",
        "U.a.step",
        &["U"],
        &[],
        "\nlocal U = ... local _f0 = {}  function _f0.step(x) return U end return _f0.step",
    );
    check(
        "function U:step(x)\n return self end",
        "U.step",
        &[],
        &[],
        "local _f0 = {}  function _f0:step(x)\n return self end return _f0.step",
    );
    check(
        "local function fib(n) local _f0 return fib(n) end",
        "fib",
        &["fib"],
        &[],
        "local fib = ... local _f1 = {}  function _f1.fib(n) local _f0 return fib(n) end return _f1.fib",
    );
}

#[test]
fn every_mention_of_a_boxed_variable_is_its_box_and_no_other_is() {
    check(
        "local n, t = f(), 1
return function(a)
  n = n + t
  n(n) n 'x' n.n = { n = n, n, [n] = a.n }; g = -n:n(n[n])
  for n = n, 2 do h(n) end
  local n = function() n = n end
  return n
end",
        "return",
        &["n", "t"],
        &["local n"],
        "
local n,t = ... return  function (a)
  n[1] = n[1] + t
  n[1](n[1]) n[1] 'x' n[1].n = { n = n[1], n[1], [n[1]] = a.n }; g = -n[1]:n(n[1][n[1]])
  for n = n[1], 2 do h(n) end
  local n = function() n[1] = n[1] end
  return n
end",
    );
    assert_eq!(
        remade(
            Dialect::Luau,
            "local n = f() return function(a: typeof(n)) n += 1 return `{n} n {`{n}`}`, n :: n end",
            "return",
            &["n"],
            &["local n"]
        ),
        "local n = ... return  function (a: typeof(n)) n[1] += 1 return `{n[1]} n {`{n[1]}`}`, n[1] :: n end",
    );
}

#[test]
fn attributes_stay_and_so_do_the_lines() {
    assert_eq!(
        remade(
            Dialect::Luau,
            "\n@native\n@checked local\nfunction\nf\n(a) end",
            "f",
            &[],
            &[]
        ),
        "\nlocal _f0 = {} @native\n@checked\n function \n\n_f0.f(a) end return _f0.f",
    );
}

#[test]
fn a_constant_that_the_engine_did_not_capture_is_declared_again() {
    let source = "local A = 5
local B = A * 2 + 1
local N
local function f() return function() return B + N end end";
    assert_eq!(
        remade(Dialect::Luau, source, "f", &[], &[]),
        "local _f0 do local A = 5 local B = A * 2 + 1 _f0 = B end local B = _f0 local N = nil \n\n\nlocal _f0 = {}  function _f0.f() return function() return B + N end end return _f0.f",
    );
    assert_eq!(
        remade(
            Dialect::Lua54,
            "local A <const> = 5\nfunction f() return A end",
            "f",
            &[],
            &[]
        ),
        "local A <const> = 5 \nlocal _f0 = {}  function _f0.f() return A end return _f0.f",
    );
}

#[test]
fn what_only_dead_code_uses_may_be_missing() {
    let source = "local log = f() function g() if false then log() end end function h() log() end";
    assert_eq!(
        remade(Dialect::Luau, source, "g", &[], &[]),
        "local _f0 = {}  function _f0.g() if false then log() end end return _f0.g",
    );
    assert_eq!(
        remade(Dialect::Luau, source, "h", &[], &[]),
        "can't be remade"
    );
    assert_eq!(
        remade(Dialect::Lua54, source, "g", &[], &[]),
        "can't be remade"
    );
}

#[test]
fn what_can_not_be_said_is_not_remade() {
    let cant = "can't be remade";
    for name in ["n", "n.x", "n:x"] {
        let source = format!("local n = f() return function() function {name}() end end");
        check(&source, "return", &["n"], &["local n"], cant);
    }
    check(
        "local n = f() return function() return n end",
        "return",
        &["m"],
        &[],
        cant,
    );
    check(
        "local n = f() return function() return n end",
        "return",
        &["n", "m"],
        &[],
        cant,
    );
    let closed = "local n <close> = f() return function() return n end";
    assert_eq!(remade(Dialect::Lua54, closed, "return", &["n"], &[]), cant);
    let names: Vec<String> = (0..200).map(|number| format!("v{number}")).collect();
    let source = format!(
        "local {} = f() return function() return {} end",
        names.join(","),
        names.join("+")
    );
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    check(&source, "return", &names, &[], cant);
}

#[test]
fn the_environment_of_lua_54_is_handed_over_like_any_upvalue() {
    assert_eq!(
        remade(
            Dialect::Lua54,
            "local n = f() return function() return x + n end",
            "return",
            &["_ENV", "n"],
            &[]
        ),
        "local _ENV,n = ... return  function () return x + n end",
    );
}
