//! [`Reaper`]: frees old VMs on a thread of its own, which takes up to 30 ms for a full heap, and makes new
//! ones ready in their place. It knows which of them are not free yet.

use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use parking_lot::Mutex;

use crate::lua::{Engine, Vm};

/// How long to wait before looking again whether a VM that something holds has been let go, at first; each
/// time it takes twice as long, at most [`LOOK_AGAIN_MAX`].
const LOOK_AGAIN: Duration = Duration::from_millis(5);
const LOOK_AGAIN_MAX: Duration = Duration::from_secs(1);

/// Frees VMs on a thread of its own.
pub(super) struct Reaper {
    graves: Option<Sender<Arc<Vm>>>,
    /// Those that were sent to the thread and may not be free yet.
    dying: Mutex<Vec<Weak<Vm>>>,
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
            .spawn(move || reap(&dead, &engine))?;
        Ok(Reaper {
            graves: Some(graves),
            dying: Mutex::default(),
            thread: Some(thread),
        })
    }

    /// Frees `vm` as soon as nothing else holds it.
    pub(super) fn free(&self, vm: Arc<Vm>) {
        let mut dying = self.dying.lock();
        dying.retain(|vm| vm.strong_count() > 0);
        dying.push(Arc::downgrade(&vm));
        if let Some(graves) = &self.graves {
            // It fails only if the thread is gone; then the VM is freed here.
            let _ = graves.send(vm);
        }
    }

    /// The VMs that should be free, and that something holds.
    pub(super) fn held(&self) -> Vec<Arc<Vm>> {
        let dying = self.dying.lock();
        let alive = dying.iter().filter_map(Weak::upgrade);
        // The thread and this list have one each.
        alive.filter(|vm| Arc::strong_count(vm) > 2).collect()
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

/// Frees what comes in; what is still held is looked at again from time to time.
fn reap(dead: &Receiver<Arc<Vm>>, engine: &Engine) {
    let mut held: Vec<Arc<Vm>> = Vec::new();
    let mut pause = LOOK_AGAIN;
    loop {
        let next = match held.is_empty() {
            true => dead.recv().map_err(|_| RecvTimeoutError::Disconnected),
            false => dead.recv_timeout(pause),
        };
        match next {
            Ok(vm) => {
                held.push(vm);
                pause = LOOK_AGAIN;
            }
            Err(RecvTimeoutError::Timeout) => pause = (2 * pause).min(LOOK_AGAIN_MAX),
            Err(RecvTimeoutError::Disconnected) => return,
        }
        held = held.into_iter().filter_map(|vm| free(vm, engine)).collect();
    }
}

/// Frees a VM, unless something else holds it, too.
fn free(vm: Arc<Vm>, engine: &Engine) -> Option<Arc<Vm>> {
    if Arc::strong_count(&vm) > 1 {
        return Some(vm);
    }
    let (mod_id, generation) = (vm.mod_id().clone(), vm.generation());
    let is_alive = vm.witness();
    drop(vm);
    if is_alive() {
        tracing::error!(%mod_id, generation, "a value of Lua still holds the VM that should be free");
    }
    engine.make_ready();
    None
}
