//! [`SettingsRead`]: `lunation.toml` as it was read last.

use std::path::Path;

use super::file::{self, Unread};
use super::folder::too_large;
use super::rules::{Content, ReadRules, SETTINGS_FILE};
use super::walk::{not_a_file, unreadable};
use crate::files::ModFile;
use crate::problem::{Place, Problem};

/// `lunation.toml` as it was read last.
#[derive(Debug, Default)]
pub(super) struct SettingsRead {
    pub(super) file: Option<ModFile>,
    pub(super) problem: Option<Problem>,
    /// Whether what is wrong may pass by itself.
    pub(super) may_pass: bool,
}

/// Reads `lunation.toml` of a mods folder alone: it says how the rest is to be read.
pub fn read_settings(mods: &Path) -> (Option<ModFile>, Vec<Problem>) {
    let mut settings = SettingsRead::default();
    settings.read(mods, &ReadRules::default());
    (settings.file, settings.problem.into_iter().collect())
}

impl SettingsRead {
    /// Compares with the disk.
    pub(super) fn read(&mut self, mods: &Path, rules: &ReadRules) {
        let limit = rules.max_script_size;
        let read = file::read(&mods.join(SETTINGS_FILE), Content::Kept(limit));
        self.may_pass = matches!(read, Err(Unread::Failed(_)));
        let problem = match read {
            Ok((file, _)) => {
                self.file = Some(file);
                None
            }
            Err(Unread::Failed(error)) => Some(unreadable("can't be read", &error)),
            Err(unread) => {
                self.file = None;
                match unread {
                    Unread::NotAFile => Some(not_a_file(SETTINGS_FILE, "a folder, link or FIFO")),
                    Unread::TooLarge(limit) => Some(too_large(0, limit, rules)),
                    _ => None,
                }
            }
        };
        self.problem = problem.map(|problem| problem.at(Place::file(SETTINGS_FILE)));
    }
}
