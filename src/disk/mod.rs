//! The file system: the only room that touches it. Finds, reads and watches mods.
//!
//! [`FolderReader`] turns a mods folder into a [`FolderReading`]: every mod as one consistent
//! [`ModFiles`](crate::files::ModFiles), the settings, the player's own values and profiles, and what was
//! wrong. It reads again only what may have changed. `Watcher` (feature `watch`) says where to look. What is
//! written goes through [`write_atomic`], into a [`Store`], or, if it must not be forged, into a [`PrivateFolder`]. Nothing here follows a link out of its folder, blocks on a
//! FIFO, or tells anybody an absolute path.

mod beside;
mod create;
mod file;
mod folder;
mod journal;
mod list;
mod operation;
mod private;
mod reader;
mod roots;
mod rules;
mod settings;
mod store;
mod walk;
#[cfg(feature = "watch")]
mod watch;
mod write;

pub use beside::{list_profiles, read_profile};
pub use create::{create_folder, is_folder, locate_file};
pub use file::{read_asset, read_file_limited};
pub use journal::{Journal, seconds_since_1970};
pub use list::list_files;
pub use operation::{Operations, Repositories};
pub use private::PrivateFolder;
pub use reader::{FolderReader, FolderReading};
pub use roots::Roots;
pub use rules::{ReadRules, SETTINGS_FILE};
pub use settings::read_settings;
pub use store::{Locked, Store};
#[cfg(feature = "watch")]
pub use watch::{TELLS_CLOSE, Watcher};
pub use write::{write_atomic, write_new};

/// A folder that is gone after the test, for the tests of rooms that don't know of a disk.
#[cfg(all(test, feature = "watch"))]
pub(crate) use tempfile::tempdir as folder_for_a_test;
