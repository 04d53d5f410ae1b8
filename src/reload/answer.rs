//! [`Answer`]: what the host has said to what a mod asks of it, and what follows for a manifest.

use std::collections::BTreeSet;

use crate::manifest::{Capabilities, Capability};

/// What the host has said so far to what a mod asks of it.
///
/// It only grows: what was granted once needs no second answer, so undoing an edit of the manifest is never
/// held, and a rollback finds what its generation had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    asked: BTreeSet<String>,
    granted: BTreeSet<String>,
}

/// Whether a mod may run with what its manifest asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Permit<'a> {
    /// Used when everything was answered and nothing that is required is missing.
    Granted {
        /// What the mod gets.
        granted: BTreeSet<String>,
        /// What it asks for and does not get.
        denied: BTreeSet<String>,
    },
    /// Used when the host has not granted what the mod requires.
    Refused(Vec<&'a Capability>),
    /// Used when the manifest asks for more than the host has answered: the mod waits for it.
    Held(Vec<&'a Capability>),
}

impl Answer {
    /// The same, after the host has granted `granted` of all that `asked` lists; nothing of what was granted
    /// before is taken away.
    pub fn with(mut self, asked: &Capabilities, granted: &BTreeSet<String>) -> Answer {
        for Capability { name, .. } in asked.all() {
            self.asked.insert(name.clone());
            if granted.contains(name) {
                self.granted.insert(name.clone());
            }
        }
        self
    }

    /// What this says to a mod that asks for `asked`.
    ///
    /// ```
    /// use lunation::manifest::parse;
    /// use lunation::reload::{Answer, Permit};
    ///
    /// let asks = |list: &str| {
    ///     let text = format!("id = \"economy\"\nversion = \"1.0.0\"\n[capabilities]\nrequired = [{list}]");
    ///     parse(text.as_bytes(), "economy/mod.toml").0.unwrap().capabilities
    /// };
    /// let (before, now) = (asks("\"colony.jobs\""), asks("\"colony.jobs\", \"colony.ui\""));
    /// let answer = Answer::default().with(&before, &["colony.jobs".to_owned()].into());
    /// assert!(matches!(answer.judge(&before), Permit::Granted { .. }));
    /// assert!(matches!(answer.judge(&now), Permit::Held(more) if more[0].name == "colony.ui"));
    /// ```
    pub fn judge<'a>(&self, asked: &'a Capabilities) -> Permit<'a> {
        let among = |names: &BTreeSet<String>, one: &Capability| names.contains(&one.name);
        let more: Vec<&Capability> = asked.all().filter(|it| !among(&self.asked, it)).collect();
        if !more.is_empty() {
            return Permit::Held(more);
        }
        let required = asked.required.iter();
        let missing: Vec<&Capability> = required.filter(|it| !among(&self.granted, it)).collect();
        if !missing.is_empty() {
            return Permit::Refused(missing);
        }
        let names = asked.all().map(|it| it.name.clone());
        let (granted, denied) = names.partition(|name| self.granted.contains(name));
        Permit::Granted { granted, denied }
    }

    /// What of `asked` was granted, what was denied, and what was not answered yet.
    pub fn split(&self, asked: &Capabilities) -> [BTreeSet<String>; 3] {
        let mut parts = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
        for Capability { name, .. } in asked.all() {
            let part = match () {
                () if self.granted.contains(name) => 0,
                () if self.asked.contains(name) => 1,
                () => 2,
            };
            parts[part].insert(name.clone());
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Place;

    fn list(names: &str) -> Vec<Capability> {
        let one = |name: &str| Capability {
            name: name.to_owned(),
            place: Place::file("economy/mod.toml"),
        };
        names.split_whitespace().map(one).collect()
    }

    /// `required | optional`.
    fn asked(text: &str) -> Capabilities {
        let (required, optional) = text.split_once('|').unwrap_or((text, ""));
        Capabilities {
            required: list(required),
            optional: list(optional),
        }
    }

    fn names(text: &str) -> BTreeSet<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    /// After these questions and their answers, `now` is asked.
    #[track_caller]
    fn check(answered: &[(&str, &str)], now: &str, expected: &str) {
        let mut answer = Answer::default();
        for (question, granted) in answered {
            answer = answer.with(&asked(question), &names(granted));
        }
        let told = |list: Vec<&Capability>| {
            let names: Vec<&str> = list.iter().map(|it| it.name.as_str()).collect();
            names.join(" ")
        };
        let words = |set: BTreeSet<String>| Vec::from_iter(set).join(" ");
        let verdict = match answer.judge(&asked(now)) {
            Permit::Granted { granted, denied } => {
                format!("granted {} denied {}", words(granted), words(denied))
            }
            Permit::Refused(missing) => format!("refused {}", told(missing)),
            Permit::Held(more) => format!("held {}", told(more)),
        };
        assert_eq!(verdict.trim_end(), expected);
    }

    #[test]
    fn what_was_never_answered_is_held_required_or_not() {
        check(&[], "", "granted  denied");
        check(&[], "a", "held a");
        check(&[("a", "a")], "a b | c", "held b c");
        check(&[("a", "a")], "a | b", "held b");
    }

    #[test]
    fn as_much_or_less_than_was_granted_needs_no_answer() {
        check(&[("a b", "a b")], "a b", "granted a b denied");
        check(&[("a b", "a b")], "b", "granted b denied");
        check(&[("a b", "a b")], "", "granted  denied");
        // Required or optional, it is the same thing that was granted.
        check(&[("| a", "a")], "a", "granted a denied");
    }

    #[test]
    fn what_was_denied_refuses_a_mod_only_if_it_is_required() {
        check(&[("a b", "a")], "a b", "refused b");
        check(&[("a | b", "a")], "a | b", "granted a denied b");
        check(&[("a | b", "a")], "a", "granted a denied");
        // Making it required does not ask again.
        check(&[("a | b", "a")], "a b", "refused b");
        // But a new wish does, whatever else is missing.
        check(&[("a b", "a")], "a b c", "held c");
    }

    #[test]
    fn a_later_answer_adds_and_takes_nothing_away() {
        check(&[("a", "a"), ("a b", "b")], "a b", "granted a b denied");
        check(&[("a", "a"), ("a b", "")], "a b", "refused b");
        check(
            &[("a", "a"), ("a b", ""), ("a b", "b")],
            "a b",
            "granted a b denied",
        );
        check(&[("a b", "a b"), ("a", "")], "a b", "granted a b denied");
    }

    #[test]
    fn nobody_gets_what_he_did_not_ask_for() {
        check(&[("a", "a b c")], "a b", "held b");
        check(&[("a", "a b c")], "a", "granted a denied");
    }

    #[test]
    fn what_is_asked_splits_into_granted_denied_and_unanswered() {
        let answer = Answer::default().with(&asked("a | b"), &names("a"));
        assert_eq!(
            answer.split(&asked("a c | b")),
            [names("a"), names("b"), names("c")]
        );
    }
}
