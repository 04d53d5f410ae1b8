//! Kills a host at random moments of a loop of edits, rollbacks, saves and checkpoints: whatever it had said to be
//! on disk must be there afterwards. 12 kills; `LUNATION_KILLS=1000` for as many as that.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::driver::{Place, program};

/// How often it is killed, where nobody asks for more.
const KILLS: u64 = 12;

/// A kill comes so many milliseconds after the host is up, at most.
const LIFE_MS_MAX: u64 = 150;

/// What the host had said before it was killed.
#[derive(Debug, Default)]
struct Said {
    /// The mark in the code of each generation.
    marks: Vec<(u64, u64)>,
    /// The newest generation that was on disk.
    on_disk: u64,
    /// The count in the last checkpoint that was seen finished, and in the last that was asked for.
    finished: u64,
    asked: u64,
    has_saved: bool,
}

/// A host that may go away at any moment: then there is no answer.
struct Victim {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Victim {
    fn start(place: &Place) -> (Victim, Child) {
        let mut child = program()
            .current_dir(place.path())
            .args(["host", "mods", "--stdio", "--manual", "--no-watch"])
            .arg("--resume")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let input = child.stdin.take().expect("its input is a pipe");
        let output = child.stdout.take().expect("its output is a pipe");
        let output = BufReader::new(output);
        (Victim { input, output }, child)
    }

    /// The result of a method that succeeds; `None` when the host has gone.
    fn call(&mut self, method: &str, params: &Json) -> Option<Json> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        writeln!(self.input, "{request}").ok()?;
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).ok()?;
            let answer: Json = serde_json::from_str(&line).ok()?;
            assert_eq!(answer["error"], Json::Null, "{method} {params}");
            if answer.get("id").is_some() {
                return Some(answer["result"].clone());
            }
        }
    }

    fn number(&mut self, code: &str) -> Option<u64> {
        let params = json!({ "mod": "counter", "code": code });
        let number = self.call("eval", &params)?["results"][0].as_f64()?;
        Some(number as u64)
    }

    fn history(&mut self) -> Option<Vec<Json>> {
        let history = self.call("history", &json!({ "mod": "counter" }))?;
        history["generations"].as_array().cloned()
    }

    /// Remembers what it says of the running generation, and what is on disk.
    fn listen(&mut self, said: &mut Said) -> Option<()> {
        let mark = self.number("return mark()")?;
        let history = self.history()?;
        let mut newest_first = history.iter().rev();
        let running = newest_first.next()?["generation"].as_u64()?;
        // A checkpoint is restored into the code that has just started.
        let before = newest_first.take(1);
        let restored = before.filter(|one| one["left"]["because"] == "restore");
        let same = restored.filter_map(|one| one["generation"].as_u64());
        said.marks
            .extend(same.chain([running]).map(|number| (number, mark)));
        let on_disk = history.iter().filter(|one| one["is_on_disk"] == true);
        let newest = on_disk.filter_map(|one| one["generation"].as_u64()).max();
        said.on_disk = said.on_disk.max(newest.unwrap_or(0));
        Some(())
    }
}

fn script(mark: u64) -> String {
    format!(
        "local MARK = {mark}\nfunction mark() return MARK end\nmod.state.count = 0\n\
         mod.on('tick_start', function() mod.state.count = mod.state.count + 1 end)\n"
    )
}

fn newest_checkpoint(place: &Place) -> u64 {
    let entries = fs::read_dir(place.at(".lunation/mods/checkpoints"));
    let names = entries.into_iter().flatten().flatten();
    let numbers = names.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.max().unwrap_or(0)
}

/// One edit, and what may follow it. `None` when the host has gone.
fn work(place: &Place, victim: &mut Victim, mark: u64, said: &mut Said) -> Option<()> {
    place.write("mods/counter/scripts/main.lua", script(mark));
    victim.call("wait", &json!({ "timeout_ms": 30_000 }))?;
    victim.listen(said)?;
    victim.call("advance", &json!({ "ticks": 1 }))?;
    let before = newest_checkpoint(place);
    let count = victim.number("return mod.state.count")?;
    said.asked = said.asked.max(count);
    victim.call("checkpoint", &json!({}))?;
    if mark.is_multiple_of(3) && victim.history()?.len() > 2 {
        victim.call("rollback", &json!({ "mod": "counter" }))?;
        victim.listen(said)?;
        victim.call("redo", &json!({ "mod": "counter" }))?;
        victim.listen(said)?;
    }
    if mark.is_multiple_of(2) {
        victim.call("save", &json!({ "path": "game.save" }))?;
        said.has_saved = true;
    }
    while newest_checkpoint(place) == before {
        victim.call("initialize", &json!({}))?;
    }
    said.finished = count;
    victim.listen(said)
}

/// What a fresh process must find.
fn check(victim: &mut Victim, said: &Said) {
    let count = victim.number("return mod.state.count").expect("it runs");
    let range = said.finished..=said.asked;
    assert!(range.contains(&count), "{count} is not from {said:?}");
    let history = victim.history().expect("it runs");
    let number = |one: &Json| one["generation"].as_u64().unwrap_or(0);
    let running = number(history.last().expect("one runs"));
    assert!(running > said.on_disk, "{running} after {said:?}");
    let problems = victim.call("problems", &json!({})).expect("it runs");
    assert_eq!(problems, json!({ "problems": [] }), "{said:?}");
    if said.has_saved {
        let params = json!({ "path": "game.save" });
        victim.call("save.inspect", &params).expect("it runs");
    }
    let mark_of = |number: u64| said.marks.iter().rfind(|(known, _)| *known == number);
    let Some((_, mark)) = mark_of(said.on_disk) else {
        return;
    };
    // The last one goes on under a new number where its code is still in the files.
    let numbers = history.iter().map(number);
    let first = numbers.filter(|number| *number >= said.on_disk).min();
    let first = first.expect("the running one is one of them");
    if first != running {
        let params = json!({ "mod": "counter", "generation": first });
        let report = victim.call("rollback", &params).expect("it runs");
        let outcome = &report["report"]["mods"][0]["outcome"];
        assert_eq!(outcome, "rolled-back", "{report}, {said:?}");
    }
    assert_eq!(victim.number("return mark()"), Some(*mark), "{said:?}");
}

#[test]
fn what_was_on_disk_is_there_after_every_kill() {
    let kills = std::env::var("LUNATION_KILLS").ok();
    let kills = kills.and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let place = Place::with_mod("counter", &script(0));
    let mut said = Said::default();
    let (mut random, mut mark) = (0x2545_f491_4f6c_dd1d_u64 ^ kills, 0);
    for _ in 0..kills {
        let (mut victim, mut child) = Victim::start(&place);
        let mut news = Said::default();
        victim.listen(&mut news).expect("it runs");
        check(&mut victim, &said);
        victim.listen(&mut news).expect("it runs");
        // A number that was not on disk may have been given again, unheard.
        let on_disk = said.on_disk;
        said.marks.retain(|(number, _)| *number == on_disk);
        said.marks.extend(news.marks);
        said.on_disk = said.on_disk.max(news.on_disk);
        // What was asked for before this life can't come any more.
        said.asked = victim.number("return mod.state.count").expect("it runs");
        said.finished = said.finished.min(said.asked);
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let life = Duration::from_millis(random % LIFE_MS_MAX);
        let (_open, over) = channel::<()>();
        std::thread::scope(|scope| {
            let killer = scope.spawn(move || {
                let waited = over.recv_timeout(life);
                assert_eq!(waited, Err(RecvTimeoutError::Timeout));
                child.kill().expect("it can be killed");
                child.wait().expect("it ends");
            });
            let mut alive = Some(());
            while alive.is_some() {
                mark += 1;
                alive = work(&place, &mut victim, mark, &mut said);
            }
            killer.join().expect("the killer did its work");
        });
    }
    let (mut victim, mut child) = Victim::start(&place);
    check(&mut victim, &said);
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    assert!(said.on_disk > 0, "nothing was ever on disk: {said:?}");
}
