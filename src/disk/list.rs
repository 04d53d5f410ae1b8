//! [`list_files`]: the files of a folder that is no mods folder.

use std::fs;
use std::io;
use std::path::Path;

/// The files in `folder` and in the folders in it, at most `depth_max` folders deep, by path: relative to `folder`,
/// with `/`. Links are not followed, and what is no file is left out, as are folders that can't be read. With whether
/// that is all: of more than `files_max` files some are missing.
///
/// # Errors
/// What the system says of `folder` itself.
pub fn list_files(
    folder: &Path,
    depth_max: usize,
    files_max: usize,
) -> io::Result<(Vec<String>, bool)> {
    let mut files = Vec::new();
    let mut pending = vec![(String::new(), 1, fs::read_dir(folder)?)];
    while let Some((prefix, depth, entries)) = pending.pop() {
        for entry in entries.flatten() {
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_file() {
                if files.len() == files_max {
                    files.sort_unstable();
                    return Ok((files, false));
                }
                files.push(path);
            } else if kind.is_dir() && depth <= depth_max {
                let inside = fs::read_dir(entry.path());
                pending.extend(inside.map(|inside| (format!("{path}/"), depth + 1, inside)));
            }
        }
    }
    files.sort_unstable();
    Ok((files, true))
}
