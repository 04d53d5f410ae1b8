//! [`Watcher`]: says where in a mods folder to look, as soon as the system tells.
//!
//! Folders are watched, never files: a watched file is lost at the first rename over it. Each folder is
//! watched by itself, found by the reader's own walk, so that ignored folders are never entered. What
//! notify reports is put into the words of [`crate::change`] in its thread ([`translate`]) and goes
//! straight to the receiver; only new folders take the way over a thread of ours ([`keeper`]), which
//! watches them and everything that was made in them meanwhile. Where the system refuses to watch, the
//! folders are polled instead, and that is said once.

mod keeper;
mod translate;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use self::keeper::Keeper;
use self::translate::{EVENTS_MAX, TASKS_MAX, Translator};
use super::rules::ReadRules;
use crate::change::FileEvent;
use crate::problem::Problem;

/// Whether the system tells when a file was closed after writing.
pub const TELLS_CLOSE: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// The time between two looks where the system refuses to watch.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// What is watched.
struct Watched {
    mods: PathBuf,
    player_config: PathBuf,
    rules: ReadRules,
}

/// Watches a mods folder and the player's own values until it is dropped.
///
/// Neither folder has to exist: both are found when they appear, and found again when they come back.
pub struct Watcher {
    events: Receiver<FileEvent>,
    translator: Arc<Translator>,
    /// Dropped to stop the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Watches from now on: what changes after this call gives an event. Their times count from `start`.
    pub fn start(mods: &Path, player_config: &Path, rules: ReadRules, start: Instant) -> Watcher {
        Watcher::new(mods, player_config, rules, start, None)
    }

    /// Polls every `interval` instead: for file systems that tell nothing, such as network folders.
    pub fn start_polling(
        mods: &Path,
        player_config: &Path,
        rules: ReadRules,
        start: Instant,
        interval: Duration,
    ) -> Watcher {
        Watcher::new(mods, player_config, rules, start, Some(interval))
    }

    /// The events, in the order of the system. When the receiver is too slow, what overflows is replaced
    /// by a [`crate::change::FileEventKind::Rescan`].
    pub fn events(&self) -> &Receiver<FileEvent> {
        &self.events
    }

    /// What was wrong since the last call. A problem is always followed by a rescan event.
    pub fn take_problems(&self) -> Vec<Problem> {
        self.translator.take_problems()
    }

    /// Whether the folders are polled.
    pub fn is_polling(&self) -> bool {
        self.translator.is_polling()
    }

    fn new(
        mods: &Path,
        player_config: &Path,
        rules: ReadRules,
        start: Instant,
        poll: Option<Duration>,
    ) -> Watcher {
        let (events_in, events) = bounded(EVENTS_MAX);
        let (tasks_in, tasks) = bounded(TASKS_MAX);
        let (stop, stopped) = bounded(0);
        let watched = Watched {
            mods: mods.to_owned(),
            player_config: player_config.to_owned(),
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
