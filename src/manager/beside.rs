//! [`Beside`]: work on VMs that runs no code of mods, on a thread of its own, so that no frame waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, unbounded};
use parking_lot::{Condvar, Mutex};

use super::follow::Wake;

/// What follows a switch, and nobody waits for, begins so much later, on threads of its own: until then whoever has
/// switched has better use for the processors.
pub(super) const A_MOMENT: Duration = Duration::from_millis(2);

type Job = Box<dyn FnOnce() + Send>;

/// Does work on a thread of its own, piece after piece.
pub(super) struct Worker {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    wake: Option<Wake>,
}

impl Worker {
    /// Starts the thread. `wake` is called whenever a piece of work is done.
    ///
    /// # Errors
    /// The system can't start a thread.
    pub(super) fn start(wake: Option<Wake>) -> std::io::Result<Worker> {
        let (jobs, waiting) = unbounded::<Job>();
        let thread = std::thread::Builder::new()
            .name("lunation-carry".into())
            .spawn(move || {
                waiting.iter().for_each(|job| job());
            })?;
        Ok(Worker {
            jobs: Some(jobs),
            thread: Some(thread),
            wake,
        })
    }

    /// Begins with a piece of work.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Beside<T> {
        let result = Arc::new(Slot::default());
        let (done, wake) = (result.clone(), self.wake.clone());
        let job = move || {
            // A panic goes on where the result is wanted. If it is not wanted any more, it ends here.
            let outcome = catch_unwind(AssertUnwindSafe(work));
            *done.outcome.lock() = Some(outcome);
            done.arrived.notify_one();
            drop(done);
            if let Some(wake) = wake {
                wake();
            }
        };
        let job: Job = Box::new(job);
        let refused = match &self.jobs {
            Some(jobs) => jobs.send(job).err().map(|refused| refused.0),
            None => Some(job),
        };
        if let Some(job) = refused {
            job();
        }
        Beside::There(result)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The result of some work, here already or to come. Whoever drops it does not want it any more.
pub(super) enum Beside<T> {
    /// It is here.
    Here(T),
    /// A [`Worker`] brings it.
    There(Arc<Slot<T>>),
}

/// Where a result arrives. It is no channel, because those yield the processor while they wait, even for no
/// time at all; on a busy machine the game would get it back late.
pub(super) struct Slot<T> {
    outcome: Mutex<Option<std::thread::Result<T>>>,
    arrived: Condvar,
}

impl<T> Default for Slot<T> {
    fn default() -> Slot<T> {
        Slot {
            outcome: Mutex::default(),
            arrived: Condvar::new(),
        }
    }
}

impl<T> Beside<T> {
    /// Whether [`Beside::take`] would not wait.
    pub(super) fn is_ready(&self) -> bool {
        match self {
            Beside::Here(_) => true,
            Beside::There(slot) => slot.outcome.lock().is_some(),
        }
    }

    /// Waits until it is here, at most until `deadline`. Whether it is.
    pub(super) fn wait(&mut self, deadline: Instant) -> bool {
        let Beside::There(slot) = self else {
            return true;
        };
        let mut outcome = slot.outcome.lock();
        while outcome.is_none() && Instant::now() < deadline {
            slot.arrived.wait_until(&mut outcome, deadline);
        }
        let Some(result) = outcome.take() else {
            return false;
        };
        drop(outcome);
        *self = Beside::Here(result.unwrap_or_else(|panic| resume_unwind(panic)));
        true
    }

    /// The result, as soon as it is there.
    pub(super) fn take(self) -> T {
        let slot = match self {
            Beside::Here(result) => return result,
            Beside::There(slot) => slot,
        };
        let mut outcome = slot.outcome.lock();
        loop {
            if let Some(result) = outcome.take() {
                return result.unwrap_or_else(|panic| resume_unwind(panic));
            }
            slot.arrived.wait(&mut outcome);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crossbeam_channel::bounded;

    use super::*;

    #[test]
    fn work_beside_gives_its_result_and_wakes_whoever_waits() {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = woken.clone();
        let wake: Wake = Arc::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        let worker = Worker::start(Some(wake)).unwrap();
        let (go_on, wait) = bounded::<()>(1);
        let mut first = worker.run(move || wait.recv().is_ok());
        let second = worker.run(|| 2);
        assert!(!first.is_ready() && !first.wait(Instant::now()));
        go_on.send(()).unwrap();
        assert!(first.take());
        assert_eq!(second.take(), 2);
        drop(worker);
        assert_eq!(woken.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_panic_beside_comes_out_where_the_result_is_wanted() {
        let worker = Worker::start(None).unwrap();
        let unwanted = worker.run(|| resume_unwind(Box::new("nobody hears it")));
        drop::<Beside<()>>(unwanted);
        let wanted = worker.run(|| resume_unwind(Box::new("heard")));
        let panic = catch_unwind(AssertUnwindSafe(|| wanted.take()));
        let panic: Result<(), _> = panic;
        assert_eq!(*panic.unwrap_err().downcast::<&str>().unwrap(), "heard");
        assert_eq!(worker.run(|| 3).take(), 3);
    }
}
