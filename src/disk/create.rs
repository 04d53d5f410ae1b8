//! [`create_folder`]: a folder that appears whole, or not at all; and where a path really leads.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::write::{make_folder_above, temporary, without_path};

/// Whether `path` is a folder, or a link to one.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Where the file at `path` really is: its folder and its name there. For a file that is not there (yet),
/// where it would be. `None` for what has no folder, or no name in UTF-8.
pub fn locate_file(path: &Path) -> Option<(PathBuf, String)> {
    let real = path
        .canonicalize()
        .or_else(|_| std::path::absolute(path))
        .ok()?;
    let name = real.file_name()?.to_str()?.to_owned();
    Some((real.parent()?.to_owned(), name))
}

/// Makes the folder `path` with these files, each named relative to it. Who watches the place sees all of
/// them at once: they are written into a temporary folder beside it, which is then renamed. Makes the
/// folders above, too.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if there is anything at `path`, which is left as it is; otherwise what
/// the system says.
pub fn create_folder(path: &Path, files: &[(&str, String)]) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let above = make_folder_above(path)?;
    let mut builder = temporary();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    let folder = builder.tempdir_in(above).map_err(without_path)?;
    for (name, text) in files {
        let file = folder.path().join(name);
        file.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(file, text)?;
    }
    fs::rename(folder.path(), path)?;
    // It has its own name now: nothing is left to clean up.
    let _ = folder.keep();
    Ok(())
}
