//! [`Lent`]: the game, lent to host functions for the duration of one call into the manager.

use std::any::{Any, TypeId};
use std::ops::{Deref, DerefMut};

use parking_lot::Mutex;

/// A place where a `&mut` of the host's own type lies while the manager works for it.
#[derive(Default)]
pub struct Lent(Mutex<Option<Loan>>);

struct Loan {
    pointer: *mut (),
    type_id: TypeId,
    is_borrowed: bool,
}

// SAFETY: the pointer is made from a `&mut T` with `T: Send` and is only followed by `with`, one user at
// a time (`is_borrowed`), while `lend` holds the original borrow.
unsafe impl Send for Loan {}

/// Takes the loan back when `lend` ends, also by a panic.
struct TakeBack<'a> {
    lent: &'a Lent,
    before: Option<Loan>,
}

impl Drop for TakeBack<'_> {
    fn drop(&mut self) {
        *self.lent.0.lock() = self.before.take();
    }
}

impl Lent {
    /// Lends `host` while `work` runs.
    pub fn lend<T: Any + Send, R>(&self, host: &mut T, work: impl FnOnce() -> R) -> R {
        let loan = Loan {
            pointer: std::ptr::from_mut(host).cast(),
            type_id: TypeId::of::<T>(),
            is_borrowed: false,
        };
        let before = self.0.lock().replace(loan);
        let _take_back = TakeBack { lent: self, before };
        work()
    }

    /// The lent `T`. `None` if no `T` is lent, or it is in use further up the stack.
    pub fn borrow<T: Any + Send>(&self) -> Option<Borrowed<'_, T>> {
        let mut slot = self.0.lock();
        let loan = slot.as_mut()?;
        if loan.is_borrowed || loan.type_id != TypeId::of::<T>() {
            return None;
        }
        loan.is_borrowed = true;
        Some(Borrowed {
            lent: self,
            pointer: loan.pointer.cast(),
        })
    }
}

/// The lent host, in use by one host function.
pub struct Borrowed<'a, T> {
    lent: &'a Lent,
    pointer: *mut T,
}

impl<T> Deref for Borrowed<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: `lend` holds the `&mut T` behind this pointer while the loan is in the slot, which is
        // longer than any host function runs; the type was compared; `is_borrowed` keeps others out.
        unsafe { &*self.pointer }
    }
}

impl<T> DerefMut for Borrowed<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`.
        unsafe { &mut *self.pointer }
    }
}

impl<T> Drop for Borrowed<'_, T> {
    fn drop(&mut self) {
        if let Some(loan) = self.lent.0.lock().as_mut() {
            loan.is_borrowed = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_there_only_while_it_is_lent_only_as_its_type_and_only_once() {
        let lent = Lent::default();
        assert!(lent.borrow::<u32>().is_none());
        let mut host = 1_u32;
        lent.lend(&mut host, || {
            assert!(lent.borrow::<String>().is_none());
            let mut first = lent.borrow::<u32>().unwrap();
            *first += 1;
            assert!(lent.borrow::<u32>().is_none());
            drop(first);
            assert_eq!(*lent.borrow::<u32>().unwrap(), 2);
        });
        assert!(lent.borrow::<u32>().is_none());
        assert_eq!(host, 2);
    }
}
