//! `lunation run` with somebody at the keyboard.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::driver::{Place, program};

/// Far longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A colony that runs, and what it prints.
struct Run {
    child: Child,
    keys: ChildStdin,
    lines: Receiver<String>,
}

impl Run {
    fn start(place: &Place, options: &[&str]) -> Run {
        let mut child = program()
            .current_dir(place.path())
            .args(["run", "mods"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("its output is a pipe");
        let (send, lines) = channel();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.try_for_each(|line| send.send(line))
        });
        let keys = child.stdin.take().expect("its input is a pipe");
        Run { child, keys, lines }
    }

    fn press(&mut self, key: &str) {
        self.keys.write_all(key.as_bytes()).expect("it reads");
        self.keys.write_all(b"\n").expect("it reads");
    }

    /// The next line in which `words` stand; those before it are passed over.
    #[track_caller]
    fn expect(&self, words: &str) {
        let mut passed = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(words) => return,
                Ok(line) => passed.push(line),
                Err(_) => panic!("no `{words}` in {passed:#?}"),
            }
        }
    }

    fn stop(mut self) {
        self.press("q");
        self.expect("stopped at tick");
        assert!(self.child.wait().expect("it ends").success());
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // It may have gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const NPC: &str = "\
mod.state.speed = 5
mod.on('tick_start', function(event)
    if event.tick == 1 then
        mod.state.ticks = 1
        mod.state.brain = coroutine.create(function() coroutine.yield() end)
        coroutine.resume(mod.state.brain)
        print('it thinks')
    end
end)
";

#[test]
fn a_mod_that_was_kept_for_its_state_is_reloaded_without_it_on_a_key() {
    let place = Place::with_mod("npc", NPC);
    let mut run = Run::start(&place, &[]);
    run.expect("loaded 1 mod: npc");
    run.expect("it thinks");
    run.press("s");
    run.expect("nothing was reloaded yet");
    run.press("d");
    run.expect("no mod was kept because of its state");
    run.press("what?");
    run.expect("s + Enter");
    place.edit("mods/npc/scripts/main.lua", "speed = 5", "speed = 7");
    run.expect("kept gen 1");
    run.expect("state.brain is a running coroutine");
    run.press("s");
    run.expect("npc gen 1: nothing was carried");
    run.press("d");
    run.expect("gen 2  1 entry kept, 1 dropped");
    run.expect("  dropped      state.brain");
    run.press("s");
    run.expect("npc gen 2");
    run.expect("bytes carried");
    run.expect("  replaced     state.speed");
    run.expect("  dropped      state.brain");
    run.stop();
}

#[test]
fn a_mod_that_asks_for_more_gets_it_on_a_key() {
    let place = Place::with_mod(
        "npc",
        "mod.on('mod_loaded', function() print((pcall(colony.jobs.create, 'x'))) end)",
    );
    let mut run = Run::start(&place, &[]);
    run.expect("[npc] false");
    run.press("g");
    run.expect("no mod asks for more than it was granted");
    let asks = "\"1.0.0\"\n[capabilities]\nrequired = [\"colony.jobs\"]";
    place.edit("mods/npc/mod.toml", "\"1.0.0\"", asks);
    run.expect("kept gen 1");
    run.expect("npc asks for colony.jobs beyond what it was granted (nothing)");
    run.expect("g + Enter grants what is asked for");
    run.press("g");
    run.expect("granted colony.jobs to npc");
    run.expect("gen 2");
    run.expect("[npc] true");
    run.stop();
}

#[test]
fn nobody_is_asked_where_the_command_line_has_answered() {
    let place = Place::with_mod("npc", "");
    let run = Run::start(&place, &["--json", "--grant", "all"]);
    run.expect("{\"loaded\":[\"npc\"]}");
    let asks = "\"1.0.0\"\n[capabilities]\nrequired = [\"colony.jobs\"]";
    place.edit("mods/npc/mod.toml", "\"1.0.0\"", asks);
    run.expect("\"outcome\":\"reloaded\",\"generation\":2");
}

#[test]
fn with_slots_every_reload_says_all_that_it_carried() {
    let place = Place::with_mod("npc", "mod.state.speed = 5");
    let run = Run::start(&place, &["--slots"]);
    run.expect("loaded 1 mod: npc");
    place.edit("mods/npc/scripts/main.lua", "speed = 5", "speed = 7");
    run.expect("gen 2");
    run.expect("bytes carried");
    run.expect("  replaced     state.speed");
    run.stop();
}

#[test]
fn with_json_a_report_has_all_that_was_carried() {
    let place = Place::with_mod("npc", "mod.state.speed = 5");
    let mut run = Run::start(&place, &["--json"]);
    run.expect("{\"loaded\":[\"npc\"]}");
    place.edit("mods/npc/scripts/main.lua", "speed = 5", "speed = 7");
    let carried = "\"replaced\":[\"state.speed\"],\"added\":[],\"dropped\":[],\"conflicts\":[],\"not_saved\":[]";
    run.expect(carried);
    run.press("s");
    run.expect(carried);
    run.press("q");
    run.expect("\"stopped\"");
}
