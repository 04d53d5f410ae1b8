//! [`Watcher`]: says where in a mods folder to look, as soon as the system tells.
//!
//! Folders are watched, never files: a watched file is lost at the first rename over it. Each folder is
//! watched by itself, found by the reader's own walk, so that ignored folders are never entered. What
//! notify reports is put into the words of [`crate::change`] in its thread ([`translate`]) and goes
//! straight to the receiver; only new folders take the way over a thread of ours ([`keeper`]), which
//! watches them and everything that was made in them meanwhile. Where the system refuses to watch, or lies on a
//! file system that tells nothing ([`mounts`]), everything is compared now and then as well, and that is said.

mod keeper;
mod mounts;
mod translate;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use self::keeper::Keeper;
use self::translate::{EVENTS_MAX, TASKS_MAX, Translator};
use super::roots::Roots;
use super::rules::ReadRules;
use crate::change::FileEvent;
use crate::problem::Problem;

/// Whether the system tells when a file was closed after writing.
pub const TELLS_CLOSE: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// The time between two comparisons of everything where the system can't tell what happens. Half a second: who
/// saves does not wait long, and a comparison, which reads only what has another size, time or inode, is no load.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// What is watched.
struct Watched {
    roots: Roots,
    rules: ReadRules,
}

/// Watches a mods folder, the player's own values and profiles until it is dropped.
///
/// No folder has to exist: each is found when it appears, and found again when it comes back.
pub struct Watcher {
    events: Receiver<FileEvent>,
    translator: Arc<Translator>,
    /// Dropped to stop the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Watches from now on: what changes after this call gives an event. Their times count from `start`.
    pub fn start(
        roots: &Roots,
        rules: ReadRules,
        start: Instant,
        poll: Option<Duration>,
    ) -> Watcher {
        let (events_in, events) = bounded(EVENTS_MAX);
        let (tasks_in, tasks) = bounded(TASKS_MAX);
        let (stop, stopped) = bounded(0);
        let watched = Watched {
            roots: roots.clone(),
            rules,
        };
        let translator = Translator::new(start, &watched.rules, events_in, tasks_in);
        let mut keeper = Keeper::new(watched, translator.clone(), stopped, poll);
        keeper.watch_everything();
        let thread = std::thread::Builder::new()
            .name("lunation-watch".to_owned())
            .spawn(move || keeper.run(&tasks));
        let thread = match thread {
            Ok(thread) => Some(thread),
            Err(error) => {
                translator.problem(keeper::degraded(
                    &format!("can't be watched: {}", error.kind()),
                    "free some threads and start again; until then ask with `check_updates`",
                ));
                None
            }
        };
        Watcher {
            events,
            translator,
            stop: Some(stop),
            thread,
        }
    }

    /// The events, in the order of the system. When the receiver is too slow, what overflows is replaced
    /// by a [`crate::change::FileEventKind::Rescan`].
    pub fn events(&self) -> &Receiver<FileEvent> {
        &self.events
    }

    /// Why not everything is told at once.
    pub fn problems(&self) -> Vec<Problem> {
        self.translator.problems()
    }

    /// Whether a part of it stopped by itself: then it misses what happens, and another one should take its place.
    /// An event follows.
    pub fn is_dead(&self) -> bool {
        self.translator.is_dead()
    }

    /// Has its thread die.
    #[cfg(test)]
    pub(crate) fn kill(&self) {
        self.translator.task(translate::Task::Panic);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was told by the panic hook; there is nothing left to stop.
            let _ = thread.join();
        }
    }
}
