//! The mod beside a random program, and what it must answer.

use lunation::{Dispatched, ModManager, Value};

/// What the bystander knows, if nobody has harmed it.
#[derive(Default)]
pub(super) struct Bystander {
    /// All beats that the game has sent.
    sent: u64,
    /// The beats since its code was loaded.
    beats: u64,
    sum: u64,
    sum_saved: u64,
    /// How often it was loaded anew after the first time.
    restores: u64,
}

impl Bystander {
    /// Its code. What a program can reach of others is this mod.
    pub(super) const SCRIPT: &str = r##"
local beats, own = 0, { 1, 2, 3 }
mod.state.sum = 0
mod.export({
    ask = function(value) return value end,
    twice = function(number) return number * 2 end,
})
mod.on("beat", function(count)
    beats = beats + 1
    mod.state.sum = mod.state.sum + count
    local is_whole = ("x"):upper() == "X" and table.concat(own) == "123" and math.max(1, 2) == 2
        and tostring(nil) == "nil" and type(pcall) == "function" and G1 == nil and string.x == nil
    return { "bystander", beats, mod.state.sum, mod.generation, is_whole }
end)
"##;

    /// Sends a beat, and looks at its answer among all.
    pub(super) fn check(&mut self, mods: &mut ModManager) -> Dispatched {
        self.sent += 1;
        self.beats += 1;
        self.sum += self.sent;
        let dispatched = mods.dispatch("beat", &self.sent);
        let number = |number: u64| Value::Number(number as f64);
        let name = Value::String((*b"bystander").into());
        let expected = [
            name.clone(),
            number(self.beats),
            number(self.sum),
            number(self.restores + 1),
            Value::Boolean(true),
        ];
        let values = |answer: &Value| -> Vec<Value> {
            match answer {
                Value::Table(entries) => entries.iter().map(|(_, value)| value.clone()).collect(),
                _ => Vec::new(),
            }
        };
        let mut answers = dispatched.results.iter().map(values);
        let answer = answers.find(|answer| answer.first() == Some(&name));
        assert_eq!(
            answer.as_deref(),
            Some(&expected[..]),
            "the bystander is harmed: {:?}",
            dispatched.errors
        );
        dispatched
    }

    /// The game was saved.
    pub(super) fn saved(&mut self) {
        self.sum_saved = self.sum;
    }

    /// The game was restored: every mod loads cold and gets its state.
    pub(super) fn restored(&mut self) {
        self.sum = self.sum_saved;
        self.beats = 0;
        self.restores += 1;
    }
}
