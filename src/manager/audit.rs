//! The audit log: one line of JSON for everything that becomes of a mod's generations.
//!
//! A line is made from the [`ModEvent`] and the report that everybody hears, so whatever is told is in it. It is
//! written by a thread of its own: the game hands it over and goes on, whatever the disk does. What can't be
//! written is counted, told once as a problem, and shows as a gap in `seq`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, after, bounded};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::disk::{Journal, locate_file, seconds_since_1970};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::reload::{ModEvent, ModReport};
use crate::settings;

use super::ModManager;
use super::beside::A_MOMENT;
use super::history::FOLDER;

/// Lines that wait for the disk; more are lost. A thousand mods that load at once are fewer.
const LINES_MAX: usize = 4096;

/// The longest text of a line, in bytes, and the most things of one list.
const TEXT_BYTES_MAX: usize = 400;
const LIST_MAX: usize = 16;

/// Where the program keeps the audit log of a mods folder: `.lunation/<name of the mods folder>/audit.jsonl`,
/// beside it. `None` for a folder that has no name.
pub fn audit_log_of(mods: &Path) -> Option<PathBuf> {
    let (above, name) = locate_file(mods)?;
    Some(above.join(FOLDER).join(name).join("audit.jsonl"))
}

/// Every line of the audit log at `path` that can be read, oldest first.
///
/// # Errors
/// What the system says.
pub fn read_audit_log(path: &Path) -> io::Result<Vec<Json>> {
    let lines = Journal::new(path).lines(settings::AUDIT_BYTES_MAX)?;
    let read = |line: &Vec<u8>| serde_json::from_slice(line).ok();
    Ok(lines
        .iter()
        .filter_map(read)
        .filter(Json::is_object)
        .collect())
}

/// One line.
#[derive(Serialize)]
struct Entry<'a> {
    time: f64,
    process: u32,
    seq: u64,
    event: &'a str,
    #[serde(rename = "mod")]
    mod_id: &'a ModId,
    generation: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_generation: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Json::is_null")]
    cause: Json,
    #[serde(flatten)]
    more: Map<String, Json>,
}

/// Writes the audit log, until it is dropped.
pub(super) struct Audit {
    lines: Option<Sender<Vec<u8>>>,
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
    seq: u64,
}

struct Shared {
    journal: Journal,
    bytes_max: AtomicU64,
    trouble: Mutex<Trouble>,
}

/// What is wrong with the disk.
#[derive(Default)]
struct Trouble {
    why: Option<io::ErrorKind>,
    is_told: bool,
    lost: u64,
}

impl Audit {
    /// Starts the thread. Nothing is written yet.
    ///
    /// # Errors
    /// The system can't start a thread.
    pub(super) fn start(path: PathBuf) -> io::Result<Audit> {
        let shared = Arc::new(Shared {
            journal: Journal::new(path),
            bytes_max: AtomicU64::new(settings::Audit::default().max_bytes),
            trouble: Mutex::default(),
        });
        let (send, lines) = bounded(LINES_MAX);
        let of_thread = shared.clone();
        let thread = std::thread::Builder::new()
            .name("lunation-audit".into())
            .spawn(move || of_thread.run(&lines))?;
        Ok(Audit {
            lines: Some(send),
            thread: Some(thread),
            shared,
            seq: 0,
        })
    }

    /// Looks whether the file can be written. It waits for the disk. Whoever loads is told with everything else.
    pub(super) fn look(&self) {
        self.shared.write(b"", 0);
        self.shared.trouble.lock().is_told = true;
    }

    /// The size of the file, from now on.
    pub(super) fn set(&self, settings: &settings::Audit) {
        self.shared
            .bytes_max
            .store(settings.max_bytes, Ordering::Relaxed);
    }

    fn add(&mut self, entry: &Entry<'_>) {
        let Ok(mut line) = serde_json::to_vec(entry) else {
            return self.shared.lose(1, io::ErrorKind::InvalidData);
        };
        line.push(b'\n');
        let sent = self.lines.as_ref().map(|lines| lines.try_send(line));
        if let Some(Err(_)) = sent {
            self.shared.lose(1, io::ErrorKind::TimedOut);
        }
    }

    /// Why lines are missing.
    pub(super) fn problem(&self) -> Option<Problem> {
        self.shared.trouble.lock().problem()
    }

    /// The same, once.
    pub(super) fn untold_problem(&self) -> Option<Problem> {
        let mut trouble = self.shared.trouble.lock();
        let problem = trouble.problem().filter(|_| !trouble.is_told);
        trouble.is_told |= problem.is_some();
        problem
    }
}

impl Drop for Audit {
    /// What was told is on disk afterwards, if the disk can be used.
    fn drop(&mut self) {
        self.lines = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn run(&self, lines: &Receiver<Vec<u8>>) {
        while let Ok(mut batch) = lines.recv() {
            let _ = after(A_MOMENT).recv();
            let mut count = 1;
            while let Ok(line) = lines.try_recv() {
                batch.extend(line);
                count += 1;
            }
            self.write(&batch, count);
        }
    }

    fn write(&self, batch: &[u8], count: u64) {
        let bytes_max = self.bytes_max.load(Ordering::Relaxed);
        match self.journal.append(batch, bytes_max) {
            Ok(()) => self.trouble.lock().why = None,
            Err(error) => self.lose(count, error.kind()),
        }
    }

    fn lose(&self, count: u64, why: io::ErrorKind) {
        let mut trouble = self.trouble.lock();
        trouble.is_told &= trouble.why == Some(why);
        trouble.why = Some(why);
        trouble.lost += count;
    }
}

impl Trouble {
    /// The words of the system may have a path of this machine in them: only the kind is told.
    fn problem(&self) -> Option<Problem> {
        let why = self.why?;
        let lost = self.lost;
        let because = format!(
            "has an audit log that can't be written to disk: {why}; {lost} lines are missing"
        );
        let hint = "make room, or `.lunation` writable; the game goes on, and so does the log when that works";
        Some(Problem::warning(Code::AUDIT_UNWRITTEN, because).hint(hint))
    }
}

impl ModManager {
    /// Opens the audit log, the first time.
    pub(super) fn open_audit(&mut self) {
        if let Some(audit) = self.audit.as_ref().filter(|_| !self.is_loaded) {
            audit.look();
        }
    }

    /// Writes what happened to a mod into the audit log; the name of what happened.
    pub(super) fn audit_event(&mut self, event: &ModEvent, report: Option<&ModReport>) -> String {
        let mut more = match serde_json::to_value(event) {
            Ok(Json::Object(fields)) => fields,
            _ => Map::new(),
        };
        let name = more.remove("event");
        let name = name.as_ref().and_then(Json::as_str).unwrap_or_default();
        for key in ["mod", "generation", "version"] {
            more.remove(key);
        }
        if let Some(Json::Array(problems)) = more.get_mut("problems") {
            problems.iter_mut().for_each(keep_code_and_because);
        }
        let cause = report.map_or(Json::Null, |report| report.causes.clone().into());
        let version = report.map(|report| report.version.to_string());
        let mod_id = event.mod_id();
        // A refusal is about the files that were refused, everything else about those that ran or run.
        let refused = self.refused.get(mod_id).map(|files| files.hash());
        let refused = refused.filter(|_| matches!(event, ModEvent::Kept { .. }));
        let life = self.lives.of(mod_id);
        let version = version.or_else(|| Some(life.version.as_ref()?.to_string()));
        let content = refused.or(life.content).map(|hash| hash.to_string());
        let generation = event.generation();
        let from_generation = match generation {
            0 => life.generation,
            _ => life.told,
        };
        self.audit_line(Entry {
            event: name,
            generation,
            from_generation: Some(from_generation).filter(|from| *from != generation),
            version,
            content,
            cause,
            more,
            ..Entry::of(mod_id)
        });
        name.to_owned()
    }

    /// Writes which mods got a state back, and from what.
    pub(super) fn audit_restored(&mut self, mods: &[ModId], from: &str) {
        for mod_id in mods {
            let generation = self.generation_of(mod_id);
            self.audit_line(Entry {
                event: "restored",
                generation,
                cause: from.into(),
                ..Entry::of(mod_id)
            });
        }
    }

    fn audit_line(&mut self, mut entry: Entry<'_>) {
        let Some(audit) = &mut self.audit else {
            return;
        };
        cut(&mut entry.cause);
        entry.more.values_mut().for_each(cut);
        audit.seq += 1;
        entry.seq = audit.seq;
        audit.add(&entry);
    }
}

impl Entry<'_> {
    /// A line about a mod, of now.
    fn of(mod_id: &ModId) -> Entry<'_> {
        Entry {
            time: seconds_since_1970(),
            process: std::process::id(),
            seq: 0,
            event: "",
            mod_id,
            generation: 0,
            from_generation: None,
            version: None,
            content: None,
            cause: Json::Null,
            more: Map::new(),
        }
    }
}

/// Places and hints are for whoever mends the mod.
fn keep_code_and_because(problem: &mut Json) {
    if let Json::Object(fields) = problem {
        fields.retain(|key, _| key == "code" || key == "because");
    }
}

/// Cuts long texts and lists: a line has a limit whatever a mod is called and says.
fn cut(value: &mut Json) {
    match value {
        Json::String(text) => text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX)),
        Json::Array(list) => {
            list.truncate(LIST_MAX);
            list.iter_mut().for_each(cut);
        }
        Json::Object(fields) => fields.values_mut().for_each(cut),
        _ => {}
    }
}
