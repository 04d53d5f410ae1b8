//! Ends the process when a program makes no progress.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// A thread that waits for progress.
pub(super) struct Watch(Sender<()>);

impl Watch {
    /// Aborts the process when there is no progress for `patience`.
    pub(super) fn start(patience: Duration) -> Watch {
        let (progress, seen) = channel();
        std::thread::spawn(move || {
            loop {
                match seen.recv_timeout(patience) {
                    Ok(()) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => {
                        eprintln!("the program hangs: no progress in {} s", patience.as_secs());
                        std::process::abort();
                    }
                }
            }
        });
        Watch(progress)
    }

    /// The program goes on.
    pub(super) fn progress(&self) {
        let _ = self.0.send(());
    }
}
