//! What a store keeps, whatever was there before.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{Locked, Store};
use crate::files::ContentHash;
use crate::settings::StateCompression;

fn opened() -> (TempDir, Store) {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    (root, store)
}

fn put(store: &Store, content: &[u8]) -> ContentHash {
    let hash = ContentHash::of(content);
    store
        .write_objects([(hash, content)], StateCompression::Zstd)
        .unwrap();
    hash
}

fn path_of(root: &TempDir, hash: ContentHash) -> PathBuf {
    let hash = hash.to_string();
    root.path()
        .join("objects")
        .join(&hash[..2])
        .join(&hash[2..])
}

#[test]
fn an_object_is_what_its_name_says_or_is_not_given() {
    let (root, store) = opened();
    let content = vec![7; 10_000];
    let hash = put(&store, &content);
    assert_eq!(store.read_object(hash, 10_000).unwrap(), content);
    assert!(store.read_object(hash, 9_999).is_err(), "over its limit");

    let other = put(&store, b"other");
    fs::copy(path_of(&root, other), path_of(&root, hash)).unwrap();
    assert!(store.read_object(hash, 10_000).is_err(), "another content");
    put(&store, &content);
    assert_eq!(store.read_object(hash, 10_000).unwrap(), content, "mended");

    let whole = fs::read(path_of(&root, hash)).unwrap();
    for length in 0..whole.len() {
        fs::write(path_of(&root, hash), &whole[..length]).unwrap();
        assert!(store.read_object(hash, 10_000).is_err(), "cut at {length}");
    }
}

#[test]
fn records_are_listed_by_name_replaced_and_removed() {
    let (_root, store) = opened();
    store.write_record("shelf/b", "2", b"two").unwrap();
    store.write_record("shelf/b", "1", b"one").unwrap();
    store.write_record("shelf/b", "2", b"TWO").unwrap();
    assert_eq!(store.shelves("shelf"), ["b"]);
    assert_eq!(store.records("shelf/b"), ["1", "2"]);
    assert_eq!(store.read_record("shelf/b", "2", 3).unwrap(), b"TWO");
    assert!(store.read_record("shelf/b", "2", 2).is_err());
    store.remove_record("shelf/b", "1").unwrap();
    store.remove_record("shelf/b", "1").unwrap();
    assert_eq!(store.records("shelf/b"), ["2"]);
}

#[test]
fn only_one_at_a_time_writes_and_everybody_may_look() {
    let (root, store) = opened();
    store.write_record("shelf", "1", b"one").unwrap();
    assert!(matches!(Store::open(root.path()), Err(Locked::InUse)));
    let looking = Store::look(root.path());
    assert_eq!(looking.read_record("shelf", "1", 9).unwrap(), b"one");
    assert!(!looking.is_writable());
    assert!(looking.write_record("shelf", "1", b"two").is_err());
    drop(store);
    assert!(Store::open(root.path()).unwrap().is_writable());
}

#[test]
fn what_was_half_written_and_what_nothing_refers_to_is_cleaned_up() {
    let (root, store) = opened();
    let (kept, lost) = (put(&store, b"kept"), put(&store, b"lost"));
    let half = path_of(&root, kept).with_file_name(".lunation-x.tmp");
    fs::write(&half, b"half").unwrap();
    drop(store);
    let store = Store::open(root.path()).unwrap();
    assert!(!half.exists());
    store.sweep(&BTreeSet::from([kept]));
    assert!(store.read_object(kept, 9).is_ok());
    assert!(store.read_object(lost, 9).is_err());
}

#[cfg(unix)]
#[test]
fn links_inside_lead_nowhere() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("1"), b"outside").unwrap();
    let (root, store) = opened();
    std::os::unix::fs::symlink(outside.path(), root.path().join("shelf")).unwrap();
    assert!(store.write_record("shelf", "1", b"x").is_err());
    assert!(store.remove_record("shelf", "1").is_err());
    assert_eq!(fs::read(outside.path().join("1")).unwrap(), b"outside");
    drop(store);
    fs::remove_file(root.path().join("lock")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("1"), root.path().join("lock")).unwrap();
    assert!(matches!(Store::open(root.path()), Err(Locked::Failed(_))));
}
