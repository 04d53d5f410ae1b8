//! The ways in which programs save one file, call by call as `strace` shows them.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// A way to bring a text into a file that is there already.
pub(super) type Way = fn(&Path, &str);

/// Each with the program that does so.
pub(super) const WAYS: &[(&str, Way)] = &[
    ("write in place", |file, text| {
        fs::write(file, text).unwrap()
    }),
    ("vim", vim),
    ("vim, backupcopy=yes", vim_in_place),
    ("neovim", neovim),
    ("VS Code", vs_code),
    ("VS Code, atomic", vs_code_atomic),
    ("JetBrains", jetbrains),
    ("Emacs", emacs),
    ("Emacs, precious", emacs_precious),
    ("nano", nano),
    ("Sublime", sublime),
    ("gedit", gedit),
    ("rsync", rsync),
    ("sed -i", sed),
    ("truncate, then write", truncate_then_write),
    ("truncate, then write in pieces", in_pieces),
    ("append", append),
    ("mmap", mmap),
    ("hard link", hard_link),
    ("delete, then make", delete_then_make),
    ("move in from elsewhere", move_in),
];

/// A file of another name beside this one.
fn beside(file: &Path, name: impl FnOnce(&str) -> String) -> PathBuf {
    let own = file.file_name().and_then(|name| name.to_str()).unwrap();
    file.with_file_name(name(own))
}

fn make(file: &Path, text: &str) {
    let mut made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .unwrap();
    made.write_all(text.as_bytes()).unwrap();
}

/// Swap file, probe, the old file away, the new one in its place, backup removed.
fn vim(file: &Path, text: &str) {
    let swap = beside(file, |name| format!(".{name}.swp"));
    make(&swap, "b0VIM 9.1");
    let swap_of_swap = beside(file, |name| format!(".{name}.swx"));
    make(&swap_of_swap, "");
    fs::remove_file(&swap_of_swap).unwrap();
    let probe = file.with_file_name("4913");
    make(&probe, "");
    fs::remove_file(&probe).unwrap();
    let backup = beside(file, |name| format!("{name}~"));
    fs::rename(file, &backup).unwrap();
    let mut new = File::create(file).unwrap();
    new.write_all(text.as_bytes()).unwrap();
    new.sync_all().unwrap();
    drop(new);
    fs::set_permissions(file, fs::metadata(&backup).unwrap().permissions()).unwrap();
    fs::remove_file(&backup).unwrap();
    fs::remove_file(&swap).unwrap();
}

fn vim_in_place(file: &Path, text: &str) {
    let backup = beside(file, |name| format!("{name}~"));
    fs::copy(file, &backup).unwrap();
    fs::write(file, text).unwrap();
    fs::remove_file(&backup).unwrap();
}

/// As vim, with its swap files elsewhere, and flushed before it is renamed.
fn neovim(file: &Path, text: &str) {
    let probe = file.with_file_name("4913");
    make(&probe, "");
    fs::remove_file(&probe).unwrap();
    let backup = beside(file, |name| format!("{name}~"));
    fs::rename(file, &backup).unwrap();
    let mut new = File::create(file).unwrap();
    let (first, second) = text.split_at(text.len() / 2);
    new.write_all(first.as_bytes()).unwrap();
    new.write_all(second.as_bytes()).unwrap();
    new.sync_data().unwrap();
    drop(new);
    fs::remove_file(&backup).unwrap();
}

fn vs_code(file: &Path, text: &str) {
    let mut open = OpenOptions::new()
        .read(true)
        .write(true)
        .open(file)
        .unwrap();
    open.set_len(0).unwrap();
    open.write_all(text.as_bytes()).unwrap();
    open.sync_data().unwrap();
}

fn vs_code_atomic(file: &Path, text: &str) {
    rename_over(file, &beside(file, |name| format!("{name}.vsctmp")), text);
}

/// The new content beside, the old file away, the new one in its place.
fn jetbrains(file: &Path, text: &str) {
    let new = beside(file, |name| format!("{name}___jb_tmp___"));
    let old = beside(file, |name| format!("{name}___jb_old___"));
    make(&new, text);
    fs::rename(file, &old).unwrap();
    fs::rename(&new, file).unwrap();
    fs::remove_file(&old).unwrap();
}

/// A lock that leads nowhere, an automatic save, the old file as backup, the new one in its place.
fn emacs(file: &Path, text: &str) {
    let lock = beside(file, |name| format!(".#{name}"));
    symlink("ada@machine.4711:1700000000", &lock).unwrap();
    let automatic = beside(file, |name| format!("#{name}#"));
    fs::write(&automatic, text).unwrap();
    fs::rename(file, beside(file, |name| format!("{name}~"))).unwrap();
    make(file, text);
    fs::remove_file(&automatic).unwrap();
    fs::remove_file(&lock).unwrap();
}

/// With `file-precious-flag`: a name that nothing says anything of, renamed over.
fn emacs_precious(file: &Path, text: &str) {
    rename_over(
        file,
        &beside(file, |name| format!("{name}.tmpQx81Zk")),
        text,
    );
}

fn nano(file: &Path, text: &str) {
    let lock = beside(file, |name| format!(".{name}.swp"));
    make(&lock, "b0nano 8.3");
    fs::write(file, text).unwrap();
    fs::remove_file(&lock).unwrap();
}

fn sublime(file: &Path, text: &str) {
    rename_over(file, &file.with_file_name(".subl8f3.tmp"), text);
}

fn gedit(file: &Path, text: &str) {
    rename_over(file, &file.with_file_name(".goutputstream-K3ZQ81"), text);
}

fn rsync(file: &Path, text: &str) {
    rename_over(file, &beside(file, |name| format!(".{name}.hX8tQz")), text);
}

fn sed(file: &Path, text: &str) {
    rename_over(file, &file.with_file_name("sedK8qXz1"), text);
}

fn rename_over(file: &Path, new: &Path, text: &str) {
    make(new, text);
    fs::set_permissions(new, fs::metadata(file).unwrap().permissions()).unwrap();
    fs::rename(new, file).unwrap();
}

/// Two opens: between them the file is closed, and empty.
fn truncate_then_write(file: &Path, text: &str) {
    drop(File::create(file).unwrap());
    fs::write(file, text).unwrap();
}

fn in_pieces(file: &Path, text: &str) {
    let mut open = File::create(file).unwrap();
    for piece in text.as_bytes().chunks(500) {
        open.write_all(piece).unwrap();
    }
}

/// What comes last decides: the text is appended as a block of its own.
fn append(file: &Path, text: &str) {
    let mut open = OpenOptions::new().append(true).open(file).unwrap();
    writeln!(open, "do {text} end").unwrap();
}

/// Only its close tells of it.
fn mmap(file: &Path, text: &str) {
    use std::os::fd::AsRawFd;
    let open = OpenOptions::new()
        .read(true)
        .write(true)
        .open(file)
        .unwrap();
    let before = usize::try_from(open.metadata().unwrap().len()).unwrap();
    // Padded: a shorter text leaves nothing of the one before, and the file is never shorter than its mapping.
    let bytes = format!("{text:<before$}").into_bytes();
    if bytes.len() != before {
        open.set_len(bytes.len() as u64).unwrap();
    }
    // SAFETY: the mapping is of this length, of a file that nobody makes shorter meanwhile, and it is not used
    // after it is unmapped.
    unsafe {
        let (read_write, none) = (libc::PROT_READ | libc::PROT_WRITE, std::ptr::null_mut());
        let (length, handle) = (bytes.len(), open.as_raw_fd());
        let map = libc::mmap(none, length, read_write, libc::MAP_SHARED, handle, 0);
        assert_ne!(map, libc::MAP_FAILED);
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), map.cast(), length);
        assert_eq!(libc::munmap(map, length), 0);
    }
}

fn hard_link(file: &Path, text: &str) {
    let new = beside(file, |name| format!("{name}.new"));
    make(&new, text);
    fs::remove_file(file).unwrap();
    fs::hard_link(&new, file).unwrap();
    fs::remove_file(&new).unwrap();
}

fn delete_then_make(file: &Path, text: &str) {
    fs::remove_file(file).unwrap();
    make(file, text);
}

fn move_in(file: &Path, text: &str) {
    let outside = file
        .ancestors()
        .find(|folder| folder.ends_with("mods"))
        .unwrap();
    let new = outside.with_file_name("new.lua");
    fs::write(&new, text).unwrap();
    fs::rename(&new, file).unwrap();
}
