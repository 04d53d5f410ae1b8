//! [`Keeper`]: owns notify's watcher and keeps every folder that counts watched.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, after, never, select};
use notify::{Config, ErrorKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::translate::{Places, Task, Translator};
use super::{POLL_INTERVAL, Watched};
use crate::change::{FileEventKind, Look, Root};
use crate::disk::reader::list;
use crate::disk::roots::Roots;
use crate::disk::walk::Walk;
use crate::problem::{Code, Place, Problem};

/// How often a root is looked for again that comes and goes while it is looked for.
const TRIES_MAX: usize = 3;

/// Keeps every folder that counts watched.
pub(super) struct Keeper {
    watched: Watched,
    translator: Arc<Translator>,
    stopped: Receiver<()>,
    backend: Backend,
    /// Roots that are not there and can't be waited for, since the folder above is not polled: it may
    /// be large.
    missing: Vec<PathBuf>,
}

/// Notify's watcher, of either sort.
struct Backend {
    watcher: Option<Box<dyn notify::Watcher + Send>>,
    /// The time between two looks, if it polls.
    poll: Option<Duration>,
    /// Why it can't watch all that it should.
    refused: Option<notify::Error>,
}

impl Keeper {
    pub(super) fn new(
        watched: Watched,
        translator: Arc<Translator>,
        stopped: Receiver<()>,
        poll: Option<Duration>,
    ) -> Keeper {
        if poll.is_some() {
            translator.set_polling();
        }
        Keeper {
            backend: Backend::new(&translator, poll),
            watched,
            translator,
            stopped,
            missing: Vec::new(),
        }
    }

    /// Does tasks until the watcher is dropped.
    pub(super) fn run(mut self, tasks: &Receiver<Task>) {
        loop {
            let look_again = match self.backend.poll {
                Some(interval) if !self.missing.is_empty() => after(interval),
                _ => never(),
            };
            let task = select! {
                recv(tasks) -> task => task.ok(),
                recv(look_again) -> _ => {
                    let is_back = self.missing.iter().any(|root| root.is_dir());
                    Some(if is_back { Task::RootChanged } else { Task::Nudge })
                }
                recv(self.stopped) -> _ => None,
            };
            let Some(task) = task else { return };
            self.task(task);
            let tasks_lost = self.translator.take_tasks_lost();
            if tasks_lost {
                self.watch_everything();
            }
            if self.translator.take_events_lost() || tasks_lost {
                self.emit(Look::mods(""), FileEventKind::Rescan);
            }
        }
    }

    fn task(&mut self, task: Task) {
        match task {
            Task::Appeared { path, is_complete } => self.appeared(&path, is_complete),
            Task::Vanished(path) => self.backend.unwatch(&path),
            Task::RootChanged => {
                // What is watched may have moved away: nothing of it is of use.
                self.backend = Backend::new(&self.translator, self.backend.poll);
                self.watch_everything();
                self.emit(Look::mods(""), FileEventKind::Rescan);
            }
            Task::Nudge => {}
        }
    }

    /// Watches all that counts, by polling if there is no other way.
    pub(super) fn watch_everything(&mut self) {
        self.walk_roots();
        let Some(refused) = self.backend.refused.take() else {
            return;
        };
        if self.backend.poll.is_some() {
            return;
        }
        self.translator.problem(why_polling(&refused));
        self.translator.set_polling();
        self.backend = Backend::new(&self.translator, Some(POLL_INTERVAL));
        self.walk_roots();
        // Before there is a receiver the queue is empty, so this never waits.
        self.emit(Look::mods(""), FileEventKind::Rescan);
    }

    fn walk_roots(&mut self) {
        let places = Places {
            roots: Roots {
                mods: real(&self.watched.roots.mods),
                player_config: real(&self.watched.roots.player_config),
                profiles: real(&self.watched.roots.profiles),
            },
            links: Vec::new(),
        };
        let roots = places.roots.clone();
        self.missing.clear();
        // Events that come from now on are understood.
        *self.translator.places().write() = places;
        self.watch_root(&roots.player_config);
        self.watch_root(&roots.profiles);
        if self.watch_root(&roots.mods) {
            self.walk_mods();
        }
    }

    /// Watches a root, or, while it is not there, the nearest folder above it. Returns whether it is there.
    fn watch_root(&mut self, root: &Path) -> bool {
        for _ in 0..TRIES_MAX {
            let nearest = root.ancestors().find(|folder| folder.is_dir());
            let Some(nearest) = nearest else { return false };
            if self.backend.poll.is_some() && nearest != root {
                self.missing.push(root.to_owned());
                return false;
            }
            self.backend.watch(nearest);
            if nearest == root {
                return true;
            }
            let next = root.ancestors().take_while(|a| *a != nearest).last();
            if !next.is_some_and(Path::is_dir) {
                return false;
            }
        }
        false
    }

    fn walk_mods(&mut self) {
        let Ok(list) = list(&self.watched.roots.mods, &self.watched.rules) else {
            return;
        };
        for (name, real) in list.folders {
            if real != list.base.join(&*name) {
                let link = (real.clone(), Look::mods(name.clone()));
                self.translator.places().write().links.push(link);
            }
            self.walk(&list.base, &name, "", real);
        }
    }

    fn walk(&mut self, base: &Path, folder: &str, start: &str, real: PathBuf) {
        let walk = Walk {
            rules: &self.watched.rules,
            root: Root::Mods,
            base,
            folder,
        };
        let backend = &mut self.backend;
        let listing = walk.run(start, real, |folder| backend.watch(folder));
        let mut places = self.translator.places().write();
        for link in listing.links {
            if !places.links.contains(&link) {
                places.links.push(link);
            }
        }
    }

    /// Watches a new folder and what was made in it meanwhile, then has it looked at.
    fn appeared(&mut self, path: &Path, is_complete: bool) {
        let Ok(metadata) = fs::symlink_metadata(path) else {
            return;
        };
        let is_link = metadata.is_symlink() && self.watched.rules.follow_symlinks;
        if !metadata.is_dir() && !is_link {
            return;
        }
        let base = self.translator.places().read().roots.mods.clone();
        let ignore = &self.watched.rules.ignore;
        let mut looks = self.translator.looks(path);
        looks.retain(|look| look.root == Root::Mods && !ignore.matches(&look.path, true));
        for look in &looks {
            let (folder, start) = look.path.split_once('/').unwrap_or((&look.path, ""));
            if is_link {
                self.walk_mods();
            } else if start.is_empty() || self.watched.rules.subdirectories {
                self.walk(&base, folder, start, path.to_owned());
            }
        }
        if self.backend.refused.is_some() && self.backend.poll.is_none() {
            self.watch_everything();
        }
        let kind = if is_link {
            // Links are found only by walking everything, which may have swallowed what a poll would tell.
            FileEventKind::Rescan
        } else if is_complete {
            FileEventKind::Renamed
        } else {
            FileEventKind::FolderCreated
        };
        for look in looks {
            self.emit(look, kind);
        }
    }

    /// Waits for room in the channel, or for the end.
    fn emit(&self, look: Look, kind: FileEventKind) {
        let event = self.translator.event(look, kind);
        select! {
            send(self.translator.events(), event) -> _ => {}
            recv(self.stopped) -> _ => {}
        }
    }
}

impl Backend {
    fn new(translator: &Arc<Translator>, poll: Option<Duration>) -> Backend {
        let translator = translator.clone();
        let handler = move |result| translator.handle(result);
        let made: notify::Result<Box<dyn notify::Watcher + Send>> = match poll {
            Some(interval) => {
                let config = Config::default()
                    .with_poll_interval(interval)
                    .with_compare_contents(true)
                    .with_follow_symlinks(false);
                PollWatcher::new(handler, config).map(|w| Box::new(w) as _)
            }
            None => RecommendedWatcher::new(handler, Config::default()).map(|w| Box::new(w) as _),
        };
        let (watcher, refused) = match made {
            Ok(watcher) => (Some(watcher), None),
            Err(error) => (None, Some(error)),
        };
        Backend {
            watcher,
            poll,
            refused,
        }
    }

    /// Watching a folder twice is harmless.
    fn watch(&mut self, folder: &Path) {
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
            let may_pass = match &error.kind {
                ErrorKind::PathNotFound => true,
                // Gone again, or not to be entered, which the reader tells.
                ErrorKind::Io(error) => matches!(
                    error.kind(),
                    io::ErrorKind::NotFound
                        | io::ErrorKind::NotADirectory
                        | io::ErrorKind::PermissionDenied
                ),
                _ => false,
            };
            if !may_pass {
                self.refused = Some(error);
            }
        }
    }

    fn unwatch(&mut self, folder: &Path) {
        if let Some(watcher) = &mut self.watcher {
            // Most of what vanishes was a file, which was not watched.
            let _ = watcher.unwatch(folder);
        }
    }
}

/// The canonical path; for what is not there, what it would be.
fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for folder in absolute.ancestors() {
        if let (Ok(real), Ok(rest)) = (folder.canonicalize(), absolute.strip_prefix(folder)) {
            return if rest.as_os_str().is_empty() {
                real
            } else {
                real.join(rest)
            };
        }
    }
    absolute
}

fn why_polling(error: &notify::Error) -> Problem {
    let (because, hint) = match &error.kind {
        ErrorKind::MaxFilesWatch => (
            "has more folders than the system lets one user watch",
            "raise it: `sudo sysctl fs.inotify.max_user_watches=1048576`; or ignore big folders",
        ),
        _ => (
            "can't be watched: the system gives no watcher",
            "raise it: `sudo sysctl fs.inotify.max_user_instances=1024`; or close other programs that watch",
        ),
    };
    let every = POLL_INTERVAL.as_millis();
    degraded(
        &format!("{because}; it is compared every {every} ms instead"),
        hint,
    )
}

pub(super) fn degraded(because: &str, hint: &str) -> Problem {
    Problem::warning(Code::WATCH_DEGRADED, because)
        .at(Place::file("."))
        .hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::rules::ReadRules;
    use crossbeam_channel::bounded;
    use std::time::Instant;

    #[test]
    fn what_the_system_refuses_to_watch_is_polled_and_that_is_said_once() {
        let root = tempfile::tempdir().unwrap();
        let rules = ReadRules::default();
        let (events_in, events) = bounded(8);
        let (tasks_in, _tasks) = bounded(8);
        let (_stop, stopped) = bounded(0);
        let translator = Translator::new(Instant::now(), &rules, events_in, tasks_in);
        let watched = Watched {
            roots: Roots::beside(root.path().join("mods")),
            rules,
        };
        let mut keeper = Keeper::new(watched, translator.clone(), stopped, None);
        for _ in 0..2 {
            keeper.backend.refused = Some(notify::Error::new(ErrorKind::MaxFilesWatch));
            keeper.watch_everything();
        }
        assert!(translator.is_polling());
        let problems = translator.take_problems();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].code, Code::WATCH_DEGRADED);
        assert!(
            problems[0]
                .hint
                .as_deref()
                .unwrap()
                .contains("max_user_watches")
        );
        assert_eq!(events.try_recv().unwrap().kind, FileEventKind::Rescan);
    }
}
