//! Trying again what could not be read: it may pass by itself, as when a program still writes or holds a file.

use crate::disk::FolderReading;
use crate::problem::{Code, Place, Problem};
use crate::reload::Backoff;

use super::worker::Worker;

impl Worker {
    /// Says when to look again at what could not be read. Other places begin their retries anew.
    pub(super) fn wait_for_retry(&mut self, folder: &FolderReading) {
        if folder.retry.is_empty() {
            self.attempt = 0;
            self.retry = None;
            self.unreadable = Vec::new();
            return;
        }
        if folder.retry != self.unreadable {
            self.attempt = 0;
            self.unreadable.clone_from(&folder.retry);
        }
        self.attempt = self.attempt.saturating_add(1);
        let settings = &self.settings.hot_reload.retry;
        let backoff = match self.place.retry.clone() {
            None => Backoff::new(settings),
            Some(delay) => Backoff::given(settings, move |attempt| delay(attempt)),
        };
        let delay = backoff.delay(self.attempt);
        self.retry = delay.map(|delay| (self.now() + delay, folder.retry.clone()));
    }

    /// That nothing is tried again any more, once it is so.
    pub(super) fn retries_are_used_up(&self) -> Option<Problem> {
        let first = self.unreadable.first().filter(|_| self.retry.is_none())?;
        let retries = match self.attempt.saturating_sub(1) {
            0 => "is not tried again by itself".to_owned(),
            1 => "could not be read by a retry either and is not tried again by itself".to_owned(),
            n => {
                format!("could not be read by {n} retries either and is not tried again by itself")
            }
        };
        let more = match self.unreadable.len() {
            1 => String::new(),
            n => format!(", like {} more", n - 1),
        };
        let problem = Problem::error(Code::RETRIES_USED_UP, retries + &more)
            .hint("let it be readable, then save something in its folder");
        Some(match first.path.is_empty() {
            true => problem,
            false => problem.at(Place::file(first.path.clone())),
        })
    }
}
