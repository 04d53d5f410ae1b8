//! Runs `tests/hostile/**/*.lua`: each is a mod that tries to harm the game, and says what must happen.
//!
//! A file begins with its story: the comment lines above the first step. A step is a line `-- > …`, the
//! inside of an inline table as in `tests/scenarios`, or `-- > next` for a save of the next version of the
//! script. Below it stands what is then printed, `…` for anything within a line: after `-- : ` for all
//! flavours, after `-- luau: ` and the like for one. `-- Only luau: ` and the reason leaves the others out.
//! A line `--@ next` begins the next version of the script, `--@ file PATH` another file.
//!
//! They are not for LuaJIT, which does not even stop every endless loop: its mods are trusted.
//!
//! Beside each of them runs a bystander. After each step it must answer as if it were alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::json;

use crate::driver::{Host, Place};
use crate::scenarios::{FLAVOUR, Memory, Step, is_as_expected, reports, walk_all};

/// Small limits: what breaks them does so soon, and the first broken one ends it. Those of time are for the mods that
/// meet them. A mod may have settings of its own: `--@ file mods/lunation.toml`.
fn settings(load_ms: u64, handler_ms: u64) -> String {
    format!(
        "[limits]
load_time = {load_ms}
handler_time = {handler_ms}
memory = 8388608

[hot_reload.quarantine]
strikes = 1
"
    )
}

/// What the hostile mod can reach of others is this one.
const BYSTANDER: &str = r##"
local beats, own = 0, {1, 2, 3}
mod.state.sum = 0
mod.export({
    ask = function(value) return value end,
    twice = function(number) return number * 2 end,
})
mod.on("beat", function(count)
    beats = beats + 1
    mod.state.sum = mod.state.sum + count
    local is_whole = ("x"):upper() == "X" and table.concat(own) == "123" and math.max(1, 2) == 2
        and tostring(nil) == "nil" and type(pcall) == "function"
    return {bystander = true, beats = beats, sum = mod.state.sum, generation = mod.generation, is_whole = is_whole}
end)
"##;

/// One hostile mod.
struct Hostile {
    /// The flavours that it is not for.
    is_left_out: bool,
    scripts: Vec<String>,
    files: BTreeMap<String, String>,
    steps: Vec<Told>,
}

/// One step, and what the file says it prints.
struct Told {
    what: What,
    expected: String,
}

enum What {
    /// Used to save the next version of the script.
    Next,
    /// Used for everything that scenarios can do.
    Step(Box<Step>),
}

#[test]
fn no_hostile_mod_harms_the_game_or_a_bystander() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    walk_all(&folder, "HOSTILE", 80, walk);
}

/// Runs one hostile mod: why it does not go as it says.
fn walk(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).expect("a hostile mod can be read");
    let hostile = match read(&text) {
        Ok(hostile) => hostile,
        Err(why) => return Some(why),
    };
    if hostile.is_left_out {
        return None;
    }
    let place = hostile.place();
    let mut host = Host::manual(&place);
    let mut memory = Memory::of(Some("hostile"));
    let mut scripts = hostile.scripts.iter().skip(1);
    let mut misses = Vec::new();
    for (index, told) in hostile.steps.iter().enumerate() {
        let printed = match &told.what {
            What::Step(step) => step.take(&place, &mut host, &mut memory),
            What::Next => {
                let Some(script) = scripts.next() else {
                    return Some("`next` without a next version of the script".into());
                };
                place.write("mods/hostile/scripts/main.lua", script);
                reports(&host.wait_idle())
            }
        };
        if !is_as_expected(&told.expected, &printed) {
            misses.push((index, printed));
        }
        if let Some(harm) = harm_to_the_bystander(&mut host, index as u64 + 1) {
            return Some(format!("after step {}: {harm}", index + 1));
        }
    }
    if !host.finish().success() {
        return Some("the host did not end as it should".into());
    }
    if misses.is_empty() {
        return None;
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(path, updated(&text, &misses)).expect("a hostile mod can be written");
        return None;
    }
    let tell = |(index, printed): &(usize, String)| {
        let expected = hostile.steps[*index].expected.trim_end();
        let printed = printed.trim_end();
        format!(
            "step {} expected:\n{expected}\nand printed:\n{printed}",
            index + 1
        )
    };
    Some(misses.iter().map(tell).collect::<Vec<_>>().join("\n"))
}

/// What is wrong with the bystander, which has heard `count` beats with this one.
fn harm_to_the_bystander(host: &mut Host, count: u64) -> Option<String> {
    let params = json!({ "event": "beat", "payload": count });
    let dispatched = match host.try_call("dispatch", params) {
        Ok(dispatched) => dispatched,
        Err(error) => return Some(format!("no event can be sent: {error}")),
    };
    let results = dispatched["results"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let answer = results.iter().find(|it| it["bystander"] == true);
    let expected = json!({
        "bystander": true,
        "beats": count,
        "sum": count * (count + 1) / 2,
        "generation": 1,
        "is_whole": true,
    });
    match answer {
        Some(answer) if *answer == expected => None,
        _ => Some(format!("the bystander answered {answer:?}: {dispatched}")),
    }
}

impl Hostile {
    /// Whether it is stopped because it takes too long.
    fn meets_a_limit_of_time(&self) -> bool {
        let words = ["time-limit", "ran longer", "over its time"];
        let says = |step: &Told| words.iter().any(|word| step.expected.contains(word));
        self.steps.iter().any(says)
    }

    fn place(&self) -> Place {
        let place = Place::empty();
        // How fast the machine is must not decide which limit is met, or whether any is.
        let settings = match self.meets_a_limit_of_time() {
            true => settings(200, 50),
            false => settings(10_000, 10_000),
        };
        place.write("mods/lunation.toml", settings);
        place.add_mod("bystander", "", BYSTANDER);
        let manifest = "[dependencies]\nbystander = \"*\"\n";
        place.add_mod("hostile", manifest, &self.scripts[0]);
        for (path, content) in &self.files {
            place.write(path, content);
        }
        place
    }
}

/// What a file says of itself.
fn read(text: &str) -> Result<Hostile, String> {
    let mut hostile = Hostile {
        is_left_out: false,
        scripts: Vec::new(),
        files: BTreeMap::new(),
        steps: Vec::new(),
    };
    let header = text.lines().take_while(|line| line.starts_with("--"));
    let header: Vec<&str> = header.take_while(|line| !line.starts_with("--@")).collect();
    if !header
        .first()
        .is_some_and(|line| line.starts_with("-- ") && !line.starts_with("-- >"))
    {
        return Err("it does not begin with its story".into());
    }
    // What this flavour prints stands in for what all do.
    let mut own = Vec::new();
    for line in &header {
        if let Some(only) = line.strip_prefix("-- Only ") {
            let (flavours, reason) = only.split_once(": ").unwrap_or((only, ""));
            if reason.trim().is_empty() {
                return Err("`Only` names the flavours and, after a colon, the reason".into());
            }
            hostile.is_left_out = !flavours.split(", ").any(|it| it == FLAVOUR);
        } else if let Some(step) = line.strip_prefix("-- > ") {
            own.clear();
            hostile.steps.push(Told {
                what: what(step)?,
                expected: String::new(),
            });
        } else if let (Some(told), Some((is_own, printed))) =
            (hostile.steps.last_mut(), printed_by(line))
        {
            match is_own {
                true => own.push(printed),
                false if own.is_empty() => told.expected += &format!("{printed}\n"),
                false => {}
            }
            if !own.is_empty() {
                told.expected = own.join("\n");
            }
        }
    }
    if hostile.steps.is_empty() {
        return Err("it has no step".into());
    }
    let mut at = Part::Script;
    let mut part = String::new();
    for line in text.lines().chain(["--@ end"]) {
        let Some(mark) = line.strip_prefix("--@ ") else {
            part += line;
            part.push('\n');
            continue;
        };
        let whole = std::mem::take(&mut part);
        match at {
            Part::Script => hostile.scripts.push(whole),
            Part::File(path) => drop(hostile.files.insert(path, whole)),
        }
        at = match mark.strip_prefix("file ") {
            Some(path) => Part::File(path.to_owned()),
            None if mark == "next" || mark == "end" => Part::Script,
            None => return Err(format!("`--@ {mark}` begins nothing")),
        };
    }
    Ok(hostile)
}

/// What the lines after a mark are.
enum Part {
    /// Used for a version of the script.
    Script,
    /// Used for another file.
    File(String),
}

fn what(step: &str) -> Result<What, String> {
    if step.trim() == "next" {
        return Ok(What::Next);
    }
    #[derive(serde::Deserialize)]
    struct Line {
        step: Box<Step>,
    }
    let line: Line = toml::from_str(&format!("step = {{ {step} }}"))
        .map_err(|why| format!("`{step}` is no step: {why}"))?;
    Ok(What::Step(line.step))
}

/// What a line says is printed, and whether only by this flavour; `None` if it is for another flavour, or no such line.
fn printed_by(line: &str) -> Option<(bool, &str)> {
    let text = line.strip_prefix("-- ")?;
    let (who, printed) = text.split_once(':')?;
    let printed = printed.strip_prefix(' ').unwrap_or(printed);
    match who {
        "" => Some((false, printed)),
        _ if who == FLAVOUR => Some((true, printed)),
        _ => None,
    }
}

/// The text of a file with what these steps have printed, for all flavours.
fn updated(text: &str, misses: &[(usize, String)]) -> String {
    let mut out = String::new();
    let mut step = None;
    let mut count = 0;
    for line in text.lines() {
        if line.starts_with("-- > ") {
            out += &format!("{line}\n");
            step = misses.iter().find(|(index, _)| *index == count);
            count += 1;
            if let Some((_, printed)) = step {
                let printed = printed.trim_end().lines();
                printed.for_each(|line| out += &format!("-- : {line}\n"));
            }
            continue;
        }
        if step.is_some() && printed_by(line).is_some() {
            continue;
        }
        if !line.starts_with("-- ") {
            step = None;
        }
        out += &format!("{line}\n");
    }
    out
}

#[test]
fn a_file_says_its_steps_and_what_each_flavour_prints() {
    let text = format!(
        "-- A story.\n-- > dispatch = \"go\"\n-- : a\n-- {FLAVOUR}: b\n-- other: c\n-- > next\n-- : d\nx = 1\n--@ next\nx = 2\n--@ file a/b\ny\n"
    );
    let hostile = read(&text).unwrap();
    let expected: Vec<&str> = hostile
        .steps
        .iter()
        .map(|told| told.expected.trim_end())
        .collect();
    assert_eq!(expected, ["b", "d"]);
    assert_eq!(hostile.scripts.len(), 2);
    assert!(hostile.scripts[0].ends_with("x = 1\n"));
    assert_eq!(hostile.scripts[1], "x = 2\n");
    assert_eq!(hostile.files["a/b"], "y\n");
}
