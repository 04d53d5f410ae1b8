//! [`Translator`]: puts what notify reports into [`FileEvent`]s. It runs in notify's thread, so it never
//! blocks: what does not fit into a channel becomes a rescan.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crossbeam_channel::Sender;
use notify::event::{AccessKind, AccessMode, CreateKind, MetadataKind, ModifyKind, RenameMode};
use notify::{Event, EventKind};
use parking_lot::{Mutex, RwLock};

use crate::change::{FileEvent, FileEventKind, Ignore, Look, Root};
use crate::disk::roots::Roots;
use crate::disk::rules::ReadRules;
use crate::problem::Problem;

/// Events that wait to be received.
pub(super) const EVENTS_MAX: usize = 8_192;
/// Folders that wait to be watched.
pub(super) const TASKS_MAX: usize = 1_024;
/// Problems that wait to be taken.
const PROBLEMS_MAX: usize = 64;

/// What the keeper has to do.
#[derive(Debug)]
pub(super) enum Task {
    /// Used for what is new and may be a folder: it is watched, and looked at as a whole.
    Appeared {
        path: PathBuf,
        /// Whether it came with its content, by a rename.
        is_complete: bool,
    },
    /// Used when a root came or went: everything is watched anew.
    RootChanged,
    /// Used when it is time to compare everything.
    Poll,
    /// Used to have the flags looked at.
    Nudge,
    /// Used to see what becomes of a thread that dies.
    #[cfg(test)]
    Panic,
}

/// Shared by notify's thread, the keeper's and the watcher's owner.
pub(super) struct Translator {
    start: Instant,
    ignore: Arc<Ignore>,
    follow_symlinks: bool,
    places: RwLock<Places>,
    events: Sender<FileEvent>,
    tasks: Sender<Task>,
    events_lost: AtomicBool,
    tasks_lost: AtomicBool,
    /// Whether a thread of the watcher died.
    dead: AtomicBool,
    problems: Mutex<Vec<Problem>>,
}

/// Where things really are.
#[derive(Default)]
pub(super) struct Places {
    /// Canonical, or what they would be if they existed.
    pub(super) roots: Roots,
    /// Targets of links that are followed, and the links.
    pub(super) links: Vec<(PathBuf, Look)>,
}

impl Translator {
    pub(super) fn new(
        start: Instant,
        rules: &ReadRules,
        events: Sender<FileEvent>,
        tasks: Sender<Task>,
    ) -> Arc<Translator> {
        Arc::new(Translator {
            start,
            ignore: rules.ignore.clone(),
            follow_symlinks: rules.follow_symlinks,
            places: RwLock::default(),
            events,
            tasks,
            events_lost: AtomicBool::new(false),
            tasks_lost: AtomicBool::new(false),
            dead: AtomicBool::new(false),
            problems: Mutex::default(),
        })
    }

    /// Takes what notify reports.
    pub(super) fn handle(&self, result: notify::Result<Event>) {
        match result {
            Ok(event) if event.need_rescan() => self.emit_rescan(),
            Ok(event) => self.translate(&event),
            Err(_) => self.emit_rescan(),
        }
    }

    fn translate(&self, event: &Event) {
        use FileEventKind as To;
        let (kind, may_be_folder) = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => (To::Closed, false),
            // Our own reading is such an access.
            EventKind::Access(_) => return,
            EventKind::Create(CreateKind::Folder) => (To::FolderCreated, true),
            EventKind::Create(CreateKind::File) => (To::Created, self.follow_symlinks),
            EventKind::Create(_) => (To::Created, true),
            // Told by `From` and `To` already.
            EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => return,
            EventKind::Modify(ModifyKind::Name(RenameMode::From)) => (To::Removed, false),
            EventKind::Modify(ModifyKind::Name(_)) => (To::Renamed, true),
            EventKind::Modify(ModifyKind::Metadata(MetadataKind::WriteTime)) => {
                (To::Touched, false)
            }
            // Perhaps a folder that can be entered again.
            EventKind::Modify(ModifyKind::Metadata(_)) => (To::Attributes, true),
            EventKind::Remove(_) => (To::Removed, false),
            _ => (To::Touched, false),
        };
        for path in &event.paths {
            self.happened(path, kind, may_be_folder);
        }
    }

    fn happened(&self, path: &Path, kind: FileEventKind, may_be_folder: bool) {
        let places = self.places.read();
        let is_root = Root::ALL
            .into_iter()
            .any(|root| places.roots.get(root).starts_with(path));
        if is_root {
            if kind != FileEventKind::Touched {
                self.task(Task::RootChanged);
            }
            return;
        }
        let looks = places.looks(path, &self.ignore);
        drop(places);
        if looks.is_empty() {
            return;
        }
        // A new folder is told by the keeper, after it is watched.
        if kind != FileEventKind::FolderCreated {
            for look in looks {
                self.emit(look, kind);
            }
        }
        if may_be_folder && self.is_folder(path, kind) {
            let path = path.to_owned();
            let is_complete =
                kind != FileEventKind::FolderCreated && kind != FileEventKind::Created;
            self.task(Task::Appeared { path, is_complete });
        }
    }

    /// Whether this is for the keeper: most of what appears is a file.
    fn is_folder(&self, path: &Path, kind: FileEventKind) -> bool {
        kind == FileEventKind::FolderCreated
            || std::fs::symlink_metadata(path).is_ok_and(|metadata| {
                metadata.is_dir() || (metadata.is_symlink() && self.follow_symlinks)
            })
    }

    /// Where in the roots a real path can be seen, without what is ignored.
    pub(super) fn looks(&self, path: &Path) -> Vec<Look> {
        self.places.read().looks(path, &self.ignore)
    }

    pub(super) fn places(&self) -> &RwLock<Places> {
        &self.places
    }

    /// An event as it happens now.
    pub(super) fn event(&self, look: Look, kind: FileEventKind) -> FileEvent {
        let at = self.start.elapsed();
        FileEvent { look, kind, at }
    }

    pub(super) fn events(&self) -> &Sender<FileEvent> {
        &self.events
    }

    /// Whether events were lost since the last call.
    pub(super) fn take_events_lost(&self) -> bool {
        self.events_lost.swap(false, Ordering::AcqRel)
    }

    /// Whether tasks were lost since the last call.
    pub(super) fn take_tasks_lost(&self) -> bool {
        self.tasks_lost.swap(false, Ordering::AcqRel)
    }

    /// A thread of the watcher died: whoever receives events next finds out.
    pub(super) fn died(&self) {
        self.dead.store(true, Ordering::Release);
        // Full means that there is something to receive.
        let _ = self
            .events
            .try_send(self.event(Look::mods(""), FileEventKind::Rescan));
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Acquire)
    }

    pub(super) fn problem(&self, problem: Problem) {
        let mut problems = self.problems.lock();
        if problems.len() < PROBLEMS_MAX {
            problems.push(problem);
        }
    }

    pub(super) fn problems(&self) -> Vec<Problem> {
        self.problems.lock().clone()
    }

    fn emit_rescan(&self) {
        self.emit(Look::mods(""), FileEventKind::Rescan);
    }

    fn emit(&self, look: Look, kind: FileEventKind) {
        if self.events.try_send(self.event(look, kind)).is_err() {
            self.events_lost.store(true, Ordering::Release);
            self.task(Task::Nudge);
        }
    }

    pub(super) fn task(&self, task: Task) {
        let is_nudge = matches!(task, Task::Nudge);
        // With the queue full the keeper looks at the flags anyway.
        if self.tasks.try_send(task).is_err() && !is_nudge {
            self.tasks_lost.store(true, Ordering::Release);
        }
    }
}

impl Places {
    fn looks(&self, path: &Path, ignore: &Ignore) -> Vec<Look> {
        let mut looks = Vec::new();
        let of_root = |root| Some((root, path.strip_prefix(self.roots.get(root)).ok()?));
        if let Some((root, rest)) = Root::ALL.into_iter().find_map(of_root) {
            let path = with_slashes(rest).into();
            looks.push(Look { root, path });
        }
        for (target, link) in &self.links {
            if let Ok(rest) = path.strip_prefix(target) {
                let rest = with_slashes(rest);
                let slash = if rest.is_empty() { "" } else { "/" };
                let path = format!("{}{slash}{rest}", link.path).into();
                looks.push(Look { path, ..*link });
            }
        }
        looks.retain(|look| match look.root {
            Root::Mods => !look.path.starts_with('.') && !ignore.hides(&look.path),
            Root::PlayerConfig | Root::Profiles => {
                look.path.ends_with(".toml") && !ignore.hides(&look.path)
            }
        });
        looks
    }
}

/// A name that is not UTF-8 is only nearly right then; the reader says what is wrong with it.
fn with_slashes(path: &Path) -> String {
    let names: Vec<_> = path.iter().map(|name| name.to_string_lossy()).collect();
    names.join("/")
}
