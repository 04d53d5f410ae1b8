//! [`Reaper`]: frees old VMs on a thread of its own, which takes up to 30 ms for a full heap, and makes new
//! ones ready in their place.

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, unbounded};

use crate::lua::{Engine, Vm};

/// Frees VMs on a thread of its own.
pub(super) struct Reaper {
    graves: Option<Sender<Arc<Vm>>>,
    thread: Option<JoinHandle<()>>,
}

impl Reaper {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system can't start a thread.
    pub(super) fn start(engine: Arc<Engine>) -> std::io::Result<Reaper> {
        let (graves, dead) = unbounded::<Arc<Vm>>();
        let thread = std::thread::Builder::new()
            .name("lunation-reaper".into())
            .spawn(move || {
                for vm in dead {
                    drop(vm);
                    engine.make_ready();
                }
            })?;
        Ok(Reaper {
            graves: Some(graves),
            thread: Some(thread),
        })
    }

    /// Frees `vm`. Whether nothing else holds it: then it is freed for sure.
    pub(super) fn free(&self, vm: Arc<Vm>) -> bool {
        let is_last = Arc::strong_count(&vm) == 1;
        if let Some(graves) = &self.graves {
            // It fails only if the thread is gone; then the VM is freed here.
            let _ = graves.send(vm);
        }
        is_last
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        drop(self.graves.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
