//! [`Reaper`]: frees old VMs on a thread of its own, which takes up to 30 ms for a full heap, and then has new
//! ones made ready. It knows which of them are not free yet.

use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, after, unbounded};
use parking_lot::Mutex;

use crate::lua::{Engine, Vm};

use super::beside::A_MOMENT;

/// How long to wait before looking again whether a VM that something holds has been let go, at first; each
/// time it takes twice as long, at most [`LOOK_AGAIN_MAX`].
const LOOK_AGAIN: Duration = Duration::from_millis(5);
const LOOK_AGAIN_MAX: Duration = Duration::from_secs(1);

/// Frees VMs on a thread of its own.
pub(super) struct Reaper {
    orders: Option<Sender<Order>>,
    /// Those that were sent to the thread and may not be free yet.
    dying: Mutex<Vec<Weak<Vm>>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread is told.
enum Order {
    /// Used for a VM that is not needed any more.
    Free(Arc<Vm>),
    /// Used when nothing more is about to be taken.
    MakeReady,
}

impl Reaper {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system can't start a thread.
    pub(super) fn start(engine: Arc<Engine>) -> std::io::Result<Reaper> {
        let (orders, received) = unbounded();
        let thread = std::thread::Builder::new()
            .name("lunation-reaper".into())
            .spawn(move || reap(&received, &engine))?;
        Ok(Reaper {
            orders: Some(orders),
            dying: Mutex::default(),
            thread: Some(thread),
        })
    }

    /// Frees `vm` as soon as nothing else holds it.
    pub(super) fn free(&self, vm: Arc<Vm>) {
        let mut dying = self.dying.lock();
        dying.retain(|vm| vm.strong_count() > 0);
        dying.push(Arc::downgrade(&vm));
        drop(dying);
        // It fails only if the thread is gone; then the VM is freed here.
        self.order(Order::Free(vm));
    }

    /// Has VMs made ahead, so that the next reload does not wait for them.
    pub(super) fn make_ready(&self) {
        self.order(Order::MakeReady);
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            let _ = orders.send(order);
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
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Frees what comes in, a moment later; what is still held is looked at again from time to time.
fn reap(orders: &Receiver<Order>, engine: &Engine) {
    let mut held: Vec<Arc<Vm>> = Vec::new();
    let mut pause = LOOK_AGAIN;
    loop {
        let next = match held.is_empty() {
            true => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            false => orders.recv_timeout(pause),
        };
        let mut is_ready_wanted = false;
        match next {
            Ok(order) => {
                let _ = after(A_MOMENT).recv();
                for order in std::iter::once(order).chain(orders.try_iter()) {
                    match order {
                        Order::Free(vm) => held.push(vm),
                        Order::MakeReady => is_ready_wanted = true,
                    }
                }
                pause = LOOK_AGAIN;
            }
            Err(RecvTimeoutError::Timeout) => pause = (2 * pause).min(LOOK_AGAIN_MAX),
            Err(RecvTimeoutError::Disconnected) => return,
        }
        held = held.into_iter().filter_map(free).collect();
        if is_ready_wanted {
            engine.make_ready();
        }
    }
}

/// Frees a VM, unless something else holds it, too.
fn free(vm: Arc<Vm>) -> Option<Arc<Vm>> {
    if Arc::strong_count(&vm) > 1 {
        return Some(vm);
    }
    let (mod_id, generation) = (vm.mod_id().clone(), vm.generation());
    let is_alive = vm.witness();
    drop(vm);
    if is_alive() {
        tracing::error!(%mod_id, generation, "a value of Lua still holds the VM that should be free");
    }
    None
}
