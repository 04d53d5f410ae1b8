//! [`Ready`]: VMs that are made ahead, on a thread of their own, so that neither a reload nor a start waits for
//! them.

use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::{Condvar, Mutex};

use super::bare::{Bare, Code};

/// VMs that are kept ready while nothing happens. Two: a mod and its user often switch together, and a reload
/// may need a second one for the old code.
const KEPT: usize = 2;

/// VMs that are ready at most, while many are taken: half a MiB each.
const READY_MAX: usize = 8;

/// VMs that are made ahead. The thread sleeps while enough are there.
pub(super) struct Ready {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    code: Code,
    stock: Mutex<Stock>,
    wake: Condvar,
}

#[derive(Default)]
struct Stock {
    vms: Vec<Bare>,
    /// How many are about to be taken.
    expected: usize,
    /// Whether those that are kept are to be there.
    is_kept: bool,
    is_stopping: bool,
}

impl Stock {
    fn is_enough(&self) -> bool {
        let kept = if self.is_kept { KEPT } else { 0 };
        self.vms.len() >= self.expected.max(kept).min(READY_MAX)
    }
}

impl Ready {
    /// Starts the thread, which begins at once.
    ///
    /// # Errors
    /// The system can't start a thread.
    pub(super) fn start(code: Code) -> std::io::Result<Ready> {
        let shared = Arc::new(Shared {
            code,
            stock: Mutex::new(Stock {
                is_kept: true,
                ..Stock::default()
            }),
            wake: Condvar::new(),
        });
        let thread = std::thread::Builder::new()
            .name("lunation-ready".into())
            .spawn({
                let shared = shared.clone();
                move || shared.run()
            })?;
        Ok(Ready {
            shared,
            thread: Some(thread),
        })
    }

    pub(super) fn code(&self) -> &Code {
        &self.shared.code
    }

    /// A VM, made now if none is ready. It is not replaced before [`Ready::refill`]: whoever takes one has
    /// better use for the processors.
    ///
    /// # Errors
    /// Out of memory.
    pub(super) fn take(&self) -> mlua::Result<Bare> {
        let mut stock = self.shared.stock.lock();
        let ready = stock.vms.pop();
        stock.is_kept = false;
        stock.expected = stock.expected.saturating_sub(1);
        let is_enough = stock.is_enough();
        drop(stock);
        if !is_enough {
            self.shared.wake.notify_one();
        }
        ready.map_or_else(|| Bare::new(&self.shared.code), Ok)
    }

    /// Says that so many will be taken, one soon after the other.
    pub(super) fn expect(&self, count: usize) {
        self.shared.stock.lock().expected = count;
        self.shared.wake.notify_one();
    }

    /// Nothing more is about to be taken: has those made that are kept then, and lets go of the rest.
    pub(super) fn refill(&self) {
        let mut stock = self.shared.stock.lock();
        (stock.expected, stock.is_kept) = (0, true);
        let kept = KEPT.min(stock.vms.len());
        let rest = stock.vms.split_off(kept);
        drop(stock);
        self.shared.wake.notify_one();
        drop(rest);
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        self.shared.stock.lock().is_stopping = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn run(&self) {
        let mut stock = self.stock.lock();
        while !stock.is_stopping {
            if stock.is_enough() {
                self.wake.wait(&mut stock);
                continue;
            }
            drop(stock);
            let made = Bare::new(&self.code);
            stock = self.stock.lock();
            match made {
                Ok(bare) => stock.vms.push(bare),
                // Without memory none is made ahead until somebody asks again.
                Err(_) => (stock.expected, stock.is_kept) = (0, false),
            }
        }
    }
}
