//! [`Keeper`]: owns notify's watcher and keeps every folder that counts watched, or everything compared.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, at, never, select};
use notify::{Config, ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::mounts::Mounts;
use super::translate::{Places, Task, Translator};
use super::{POLL_INTERVAL, Watched};
use crate::change::{FileEventKind, Look, Root};
use crate::disk::reader::list;
use crate::disk::roots::Roots;
use crate::disk::walk::Walk;
use crate::problem::{Code, Place, Problem};

/// How often a root is looked for again that comes and goes while it is looked for.
const TRIES_MAX: usize = 3;

/// Keeps every folder that counts watched, and has everything compared where that is not enough.
pub(super) struct Keeper {
    watched: Watched,
    translator: Arc<Translator>,
    stopped: Receiver<()>,
    backend: Backend,
    mounts: Mounts,
    /// The time between two comparisons of everything, where events don't tell all.
    poll: Option<Duration>,
}

/// Notify's watcher.
struct Backend {
    /// `None` where everything is polled, or the system gives none.
    watcher: Option<RecommendedWatcher>,
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
        Keeper {
            backend: match poll {
                Some(_) => Backend::none(),
                None => Backend::new(&translator),
            },
            watched,
            translator,
            stopped,
            mounts: Mounts::default(),
            poll,
        }
    }

    /// Does tasks until the watcher is dropped.
    pub(super) fn run(mut self, tasks: &Receiver<Task>) {
        let _lifeline = Lifeline(self.translator.clone());
        let mut next_poll = Instant::now();
        loop {
            let poll = match self.poll {
                Some(interval) => {
                    next_poll = next_poll.min(Instant::now() + interval);
                    at(next_poll)
                }
                None => never(),
            };
            let task = select! {
                recv(tasks) -> task => task.ok(),
                recv(poll) -> _ => Some(Task::Poll),
                recv(self.stopped) -> _ => None,
            };
            let Some(task) = task else { return };
            if let (Task::Poll, Some(interval)) = (&task, self.poll) {
                next_poll = Instant::now() + interval;
            }
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
            Task::RootChanged => {
                // What is watched may have moved away: nothing of it is of use.
                self.backend = Backend::new(&self.translator);
                self.watch_everything();
                self.emit(Look::mods(""), FileEventKind::Rescan);
            }
            Task::Poll => self.emit(Look::mods(""), FileEventKind::Poll),
            Task::Nudge => {}
            #[cfg(test)]
            Task::Panic => panic!("as the test wants it"),
        }
    }

    /// Watches all that counts; what can't be watched is polled.
    pub(super) fn watch_everything(&mut self) {
        self.mounts = Mounts::now();
        self.walk_roots();
        self.poll_what_is_refused();
    }

    /// Begins to poll if the system refuses a watch, and says so once.
    fn poll_what_is_refused(&mut self) {
        if let Some(refused) = self.backend.refused.take() {
            self.begin_to_poll(why_refused(&refused));
        }
    }

    fn begin_to_poll(&mut self, (because, hint): (String, &str)) {
        if self.poll.is_some() {
            return;
        }
        self.poll = Some(POLL_INTERVAL);
        let every = POLL_INTERVAL.as_millis();
        let because = format!("{because}; all files are compared every {every} ms instead");
        self.translator.problem(degraded(&because, hint));
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
            self.poll_what_is_silent(nearest);
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

    /// Begins to poll if others change files here unseen. It is watched as well: what this machine changes is told.
    fn poll_what_is_silent(&mut self, folder: &Path) {
        if let Some(file_system) = self.mounts.silent(folder) {
            self.begin_to_poll(why_silent(file_system));
        }
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
        self.poll_what_is_silent(&real);
        let walk = Walk {
            rules: &self.watched.rules,
            root: Root::Mods,
            base,
            folder,
        };
        // A folder is watched before it is listed: what is made in it from then on is told.
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
        self.poll_what_is_refused();
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
    fn none() -> Backend {
        Backend {
            watcher: None,
            refused: None,
        }
    }

    fn new(translator: &Arc<Translator>) -> Backend {
        let lifeline = Lifeline(translator.clone());
        let handler = move |result| lifeline.0.handle(result);
        match RecommendedWatcher::new(handler, Config::default()) {
            Ok(watcher) => Backend {
                watcher: Some(watcher),
                refused: None,
            },
            Err(error) => Backend {
                watcher: None,
                refused: Some(error),
            },
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
}

/// Held by a thread of the watcher: tells when it died.
struct Lifeline(Arc<Translator>);

impl Drop for Lifeline {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.died();
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

fn why_refused(error: &notify::Error) -> (String, &'static str) {
    match &error.kind {
        ErrorKind::MaxFilesWatch => (
            "has more folders than the system lets one user watch".to_owned(),
            "raise it: `sudo sysctl fs.inotify.max_user_watches=1048576`; or ignore big folders",
        ),
        _ => (
            "can't be watched: the system gives no watcher".to_owned(),
            "raise it: `sudo sysctl fs.inotify.max_user_instances=1024`; or close other programs that watch",
        ),
    }
}

fn why_silent(file_system: &str) -> (String, &'static str) {
    (
        format!("lies on a file system that does not tell what others change ({file_system})"),
        "keep the mods on a disk of this machine, or poll at another pace with `--poll MS`",
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

    #[test]
    fn what_the_system_refuses_to_watch_is_polled_and_that_is_said_once() {
        let root = tempfile::tempdir().unwrap();
        let rules = ReadRules::default();
        let (events_in, events) = bounded(8);
        let (tasks_in, tasks) = bounded(8);
        let (stop, stopped) = bounded(0);
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
        let problems = translator.problems();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].code, Code::WATCH_DEGRADED);
        assert!(
            problems[0]
                .hint
                .as_deref()
                .unwrap()
                .contains("max_user_watches")
        );
        let thread = std::thread::spawn(move || keeper.run(&tasks));
        for _ in 0..2 {
            let event = events.recv_timeout(Duration::from_secs(30)).unwrap();
            assert_eq!(event.kind, FileEventKind::Poll);
        }
        drop(stop);
        thread.join().unwrap();
    }
}
