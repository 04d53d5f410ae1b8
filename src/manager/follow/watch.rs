//! The watcher of the follower. Without the feature `watch` there is one that never tells anything.

#[cfg(not(feature = "watch"))]
pub(super) use self::silent::{TELLS_CLOSE, Watcher};
#[cfg(feature = "watch")]
pub(super) use crate::disk::{TELLS_CLOSE, Watcher};

#[cfg(not(feature = "watch"))]
mod silent {
    use std::time::{Duration, Instant};

    use crossbeam_channel::{Receiver, never};

    use crate::change::FileEvent;
    use crate::disk::{ReadRules, Roots};
    use crate::problem::Problem;

    pub(in crate::manager::follow) const TELLS_CLOSE: bool = true;

    pub(in crate::manager::follow) struct Watcher {
        events: Receiver<FileEvent>,
    }

    impl Watcher {
        pub(in crate::manager::follow) fn start(
            _: &Roots,
            _: ReadRules,
            _: Instant,
            _: Option<Duration>,
        ) -> Watcher {
            Watcher { events: never() }
        }

        pub(in crate::manager::follow) fn events(&self) -> &Receiver<FileEvent> {
            &self.events
        }

        pub(in crate::manager::follow) fn problems(&self) -> Vec<Problem> {
            Vec::new()
        }

        pub(in crate::manager::follow) fn is_dead(&self) -> bool {
            false
        }
    }
}
