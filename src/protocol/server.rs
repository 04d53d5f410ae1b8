//! [`serve`]: the loop that answers requests and, unless told otherwise, applies changes as they come.
//!
//! One thread owns everything. It sleeps until a line comes in or the manager says that there is work; two
//! others only bring it those two messages.

use std::io::{self, BufReader, Read, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, select};
use serde_json::Value as Json;

use super::lines::{LINE_BYTES_MAX, Line, next_line};
use super::rpc::{self, Failure};
use super::session::Session;
use crate::demo::{self, Asked};
use crate::{ProfileName, Subscription};

/// How a headless host behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The mods folder.
    pub mods: PathBuf,
    /// The profile that is on from the start.
    pub profile: Option<ProfileName>,
    /// Whether only what is locked may run.
    pub is_locked: bool,
    /// Whether nothing moves until `pump` or `wait`.
    pub is_manual: bool,
    /// Whether the mods folder is watched.
    pub is_watching: bool,
    /// How often all files are compared instead of being watched.
    pub poll: Option<Duration>,
    /// Whether to go on from the last checkpoint.
    pub is_resuming: bool,
    /// What is done when a reload asks for more than was granted.
    pub asked: Asked,
}

/// Lines that have been read and wait for their turn; further ones stay in the pipe.
const LINES_MAX: usize = 16;

/// How long the host works on changes before it looks for a request again.
const SLICE: Duration = Duration::from_millis(10);

/// Runs a headless host of the built-in colony until `shutdown` or the end of `input`.
///
/// # Errors
/// The manager can't be built, what is there is not what is locked, or `input` or `output` fails. That nobody reads `output` any more is no
/// error.
pub fn serve(
    options: &Options,
    input: impl Read + Send + 'static,
    output: impl Write,
) -> Result<(), Box<dyn std::error::Error>> {
    let (wake, woken) = bounded(1);
    let mut builder = demo::audited(options.mods.clone())
        .watching(options.is_watching)
        .locked(options.is_locked)
        .grant_more(options.asked.rule());
    if let Some(name) = &options.profile {
        builder = builder.profile(name.clone());
    }
    if let Some(interval) = options.poll {
        builder = builder.polling(interval);
    }
    if !options.is_manual {
        builder = builder.on_wake(move || {
            // Full means that it is going to be seen anyway.
            let _ = wake.try_send(());
        });
    }
    let mut mods = builder.build()?;
    let events = mods.subscribe();
    let mut session = Session::new(mods);
    for problem in session.load() {
        tracing::warn!(%problem);
    }
    session.nothing_drifts()?;
    if options.is_resuming {
        session.resume()?;
    }
    let (send, lines) = bounded(LINES_MAX);
    thread::spawn(move || read_lines(input, &send));
    let mut host = Host {
        session,
        events,
        output,
        is_manual: options.is_manual,
    };
    match host.run(&lines, &woken) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => Ok(outcome?),
    }
}

fn read_lines(input: impl Read, lines: &Sender<io::Result<Line>>) {
    let mut input = BufReader::new(input);
    loop {
        let line = match next_line(&mut input, LINE_BYTES_MAX) {
            Ok(Some(line)) => Ok(line),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        let is_last = line.is_err();
        if lines.send(line).is_err() || is_last {
            return;
        }
    }
}

/// What the loop looks at next.
enum Next {
    Line(io::Result<Line>),
    Work,
    End,
}

struct Host<W> {
    session: Session,
    events: Subscription,
    output: W,
    is_manual: bool,
}

impl<W: Write> Host<W> {
    fn run(&mut self, lines: &Receiver<io::Result<Line>>, woken: &Receiver<()>) -> io::Result<()> {
        self.tell_events()?;
        while !self.session.is_over() {
            match self.next(lines, woken) {
                Next::Line(line) => self.answer(line?)?,
                Next::Work if self.is_manual => {}
                Next::Work => self.session.work(SLICE),
                Next::End => break,
            }
            self.tell_events()?;
        }
        Ok(())
    }

    fn next(&self, lines: &Receiver<io::Result<Line>>, woken: &Receiver<()>) -> Next {
        if !self.is_manual && self.session.has_work() {
            return match lines.try_recv() {
                Ok(line) => Next::Line(line),
                Err(error) if error.is_disconnected() => Next::End,
                Err(_) => Next::Work,
            };
        }
        if self.is_manual {
            return lines.recv().map_or(Next::End, Next::Line);
        }
        select! {
            recv(lines) -> line => line.map_or(Next::End, Next::Line),
            recv(woken) -> _ => Next::Work,
        }
    }

    fn answer(&mut self, line: Line) -> io::Result<()> {
        let answer = match line {
            Line::TooLong => {
                let why = format!("a line has at most {LINE_BYTES_MAX} bytes");
                Some(rpc::refusal(&Failure::Parse(why)))
            }
            Line::Text(text) if text.trim_ascii().is_empty() => None,
            Line::Text(text) => {
                let session = &mut self.session;
                rpc::answer_line(&text, |method, params| session.answer(method, params))
            }
        };
        // What led to the answer is told before it.
        self.tell_events()?;
        answer.map_or(Ok(()), |answer| self.send(&answer))
    }

    fn tell_events(&mut self) -> io::Result<()> {
        while let Some(event) = self.events.try_recv() {
            self.send(&rpc::notification("event", &event))?;
        }
        Ok(())
    }

    fn send(&mut self, message: &Json) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        self.output.write_all(&line)?;
        self.output.flush()
    }
}
