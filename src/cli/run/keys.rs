//! What a person may ask for while the colony runs: one letter and Enter.

use std::io::{BufReader, Read};
use std::thread;

use crossbeam_channel::{Receiver, bounded};

/// What is told to somebody at a terminal.
pub(super) const HELP: &str = "s + Enter: what the last reload carried   d + Enter: reload, and drop what can't be carried   g + Enter: grant what is asked for   r + Enter: let quarantined mods run again   t + Enter: how the mods are doing   q + Enter: stop";

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Used for `s`: the slot report of the last reload.
    Slots,
    /// Used for `d`: the mods that were kept because of their state are to be reloaded without it.
    Drop,
    /// Used for `g`: the mods that are held get what they ask for.
    Grant,
    /// Used for `t`: how every mod is doing.
    Top,
    /// Used for `r`: the mods that were stopped for their broken limits run again.
    Resume,
    /// Used for `q`: the end.
    Stop,
    /// Used for every other line.
    Help,
}

/// The keys that come in. There are none any more when `input` has ended.
pub(super) fn listen(input: impl Read + Send + 'static) -> Receiver<Key> {
    let (send, keys) = bounded(16);
    thread::spawn(move || {
        let mut line = Line::default();
        for byte in BufReader::new(input).bytes().map_while(Result::ok) {
            if let Some(key) = line.push(byte)
                && send.send(key).is_err()
            {
                return;
            }
        }
    });
    keys
}

/// A line of which only the start counts, however long it is.
#[derive(Default)]
struct Line {
    letter: Option<u8>,
    is_longer: bool,
}

impl Line {
    /// The key, when the line is complete; an empty line is none.
    fn push(&mut self, byte: u8) -> Option<Key> {
        match (byte, self.letter) {
            (b'\n', letter) => {
                let is_longer = std::mem::take(self).is_longer;
                letter.map(|letter| match letter {
                    b's' if !is_longer => Key::Slots,
                    b'd' if !is_longer => Key::Drop,
                    b'g' if !is_longer => Key::Grant,
                    b't' if !is_longer => Key::Top,
                    b'r' if !is_longer => Key::Resume,
                    b'q' if !is_longer => Key::Stop,
                    _ => Key::Help,
                })
            }
            (byte, _) if byte.is_ascii_whitespace() => None,
            (byte, None) => {
                self.letter = Some(byte);
                None
            }
            _ => {
                self.is_longer = true;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expected: &[Key]) {
        let keys: Vec<Key> = listen(std::io::Cursor::new(input.to_owned()))
            .iter()
            .collect();
        assert_eq!(keys, expected, "{input:?}");
    }

    #[test]
    fn a_key_is_one_letter_on_a_line() {
        let keys = [
            Key::Slots,
            Key::Drop,
            Key::Grant,
            Key::Resume,
            Key::Stop,
            Key::Top,
        ];
        check("s\nd\r\ng\nr\n q \nt\n", &keys);
        check("\n\r\nstop\n?\n", &[Key::Help, Key::Help]);
        check("s", &[]);
        check(&"q".repeat(100_000), &[]);
    }
}
