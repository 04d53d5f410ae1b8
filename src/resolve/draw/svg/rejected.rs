//! The rejected mods of a picture: one card for each root cause, with all that wait for it.

use std::collections::BTreeMap;

use super::super::super::Rejection;
use super::super::View;
use super::Block;
use super::xml::{LETTER, SMALL_LETTER, escaped, letters, version, width, wrapped};
use crate::problem::Code;

/// The width of a card in small letters, and of one on which many mods wait.
const CARD_LETTERS: usize = 58;
const WIDE_LETTERS: usize = 118;
const MANY: usize = 40;
/// The most lines of a reason and of a hint; the whole reason is in the tooltip.
const LINES_MAX: usize = 4;
const PADDING: f64 = 10.0;
const LINE: f64 = 14.0;

/// The cards, by root cause; then one for each candidate that stands back behind another one of its id.
pub(super) fn cards(view: &View) -> Vec<Block> {
    let resolution = view.resolution();
    let mut roots: BTreeMap<_, Vec<&Rejection>> = BTreeMap::new();
    for rejection in resolution.rejected.values() {
        roots.entry(&rejection.root).or_default().push(rejection);
    }
    let rooted = roots.values().map(|rejected| card(view, rejected, true));
    let duplicates = resolution.duplicates.iter();
    rooted
        .chain(duplicates.map(|duplicate| card(view, &[duplicate], false)))
        .collect()
}

/// A card under way: lines of text from the top down.
struct Writer {
    width: f64,
    letters: usize,
    y: f64,
    body: String,
}

/// `named`: whether these are the mods that their ids mean.
fn card(view: &View, rejected: &[&Rejection], named: bool) -> Block {
    let (waiting, causes): (Vec<&Rejection>, Vec<&Rejection>) = rejected
        .iter()
        .partition(|rejection| rejection.code == Code::DEPENDENCY_REJECTED);
    let mut by_reason: BTreeMap<&str, Vec<&Rejection>> = BTreeMap::new();
    for cause in causes {
        by_reason.entry(&cause.because).or_default().push(cause);
    }
    let letters = if rejected.len() > MANY {
        WIDE_LETTERS
    } else {
        CARD_LETTERS
    };
    let mut card = Writer {
        width: width(letters, SMALL_LETTER) + 2.0 * PADDING,
        letters,
        y: 4.0,
        body: String::new(),
    };
    for (because, causes) in &by_reason {
        card.names(view, causes, named, "");
        card.words(because, "reason");
        let mut hints = causes.iter().filter_map(|cause| cause.hint.as_deref());
        if let Some(hint) = hints.next() {
            card.words(&format!("hint: {hint}"), "small");
        }
        card.y += 4.0;
    }
    if !waiting.is_empty() {
        let count = waiting.len();
        let words = match (count, by_reason.is_empty()) {
            (_, true) => "waits for a rejected mod".to_owned(),
            (1, false) => "1 mod waits for it:".to_owned(),
            (_, false) => format!("{count} mods wait for it:"),
        };
        card.words(&words, "small");
        card.names(view, &waiting, named, "small ");
    }
    let height = card.y + 6.0;
    Block {
        size: (card.width, height),
        body: format!(
            "<rect class=\"box rejected\" rx=\"5\" x=\"0.0\" y=\"0.0\" width=\"{:.1}\" height=\"{height:.1}\"/>{}\n",
            card.width, card.body
        ),
    }
}

impl Writer {
    fn words(&mut self, words: &str, class: &str) {
        for line in wrapped(words, self.letters, LINES_MAX) {
            self.y += LINE;
            self.body += &format!(
                "<text class=\"small {class}\" x=\"{PADDING:.1}\" y=\"{:.1}\">{}</text>",
                self.y,
                escaped(&line)
            );
        }
    }

    /// The names one after the other, in as many lines as they need; each with its own reason as a tooltip.
    fn names(&mut self, view: &View, rejected: &[&Rejection], named: bool, class: &str) {
        let letter = if class.is_empty() {
            LETTER
        } else {
            SMALL_LETTER
        };
        let mut x = PADDING;
        self.y += LINE + 1.0;
        for rejection in rejected {
            let more = view.more(&rejection.id).words();
            let more = match named && !more.is_empty() {
                true => format!(" {more}"),
                false => String::new(),
            };
            let small = format!("{}{more}", version(&rejection.version));
            let wide = width(rejection.id.as_str().len() + 1, letter)
                + width(letters(&small), SMALL_LETTER);
            if x > PADDING && x + wide > self.width - PADDING {
                x = PADDING;
                self.y += LINE;
            }
            let id = match named {
                true => format!(" id=\"{}\"", rejection.id),
                false => String::new(),
            };
            let is_middle = view
                .middle()
                .is_some_and(|around| around.id == rejection.id);
            let middle = if is_middle && named { "middle" } else { "" };
            self.body += &format!(
                "<text{id} class=\"{class}{middle}\" x=\"{x:.1}\" y=\"{:.1}\"><title>{}</title>{} <tspan class=\"small\">{}</tspan></text>",
                self.y,
                escaped(&format!(
                    "{} {} {}",
                    rejection.id, rejection.version, rejection.because
                )),
                rejection.id,
                escaped(&small),
            );
            x += wide + 14.0;
        }
    }
}
